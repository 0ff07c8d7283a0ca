// notes: a notebook for the command line, whose notes wasi:keyvalue keeps.
package export_wasi_cli_run

import (
	"errors"
	"fmt"
	"os"

	types "go.bytecodealliance.org/pkg/wit/types"
	atomics "wit_component/wasi_keyvalue_atomics"
	batch "wit_component/wasi_keyvalue_batch"
	store "wit_component/wasi_keyvalue_store"
)

// value gives what a call returned, or what the store says as an error of Go's.
func value[T any](result types.Result[T, store.Error]) (T, error) {
	if result.IsOk() {
		return result.Ok(), nil
	}
	var none T
	switch failure := result.Err(); failure.Tag() {
	case store.Error_NoSuchStore:
		return none, errors.New("a bucket is missing: make the directories notes and views")
	case store.Error_AccessDenied:
		return none, errors.New("access is denied")
	default:
		return none, errors.New(failure.Other())
	}
}

func add(words []string) error {
	var pairs []types.Tuple2[string, []uint8]
	for i := 0; i < len(words); i += 2 {
		pairs = append(pairs, types.Tuple2[string, []uint8]{F0: words[i], F1: []uint8(words[i+1])})
	}
	notes, err := value(store.Open("notes"))
	if err == nil {
		_, err = value(batch.SetMany(notes, pairs))
	}
	return err
}

// show prints each note, with how often it was shown.
func show(names []string) error {
	notes, err := value(store.Open("notes"))
	if err != nil {
		return err
	}
	views, err := value(store.Open("views"))
	if err != nil {
		return err
	}
	slots, err := value(batch.GetMany(notes, names))
	for i, found := range slots {
		if found.IsNone() {
			fmt.Printf("%s: no such note\n", names[i])
			continue
		}
		count, err := value(atomics.Increment(views, names[i], 1))
		if err != nil {
			return err
		}
		fmt.Printf("%s (%d): %s\n", names[i], count, found.Some().F1)
	}
	return err
}

// list prints the names, in the store's order, page by page.
func list() error {
	notes, err := value(store.Open("notes"))
	if err != nil {
		return err
	}
	for cursor, more := types.None[string](), true; more; more = cursor.IsSome() {
		page, err := value(notes.ListKeys(cursor))
		if err != nil {
			return err
		}
		for _, name := range page.Keys {
			fmt.Println(name)
		}
		cursor = page.Cursor
	}
	return nil
}

func remove(names []string) error {
	for _, bucket := range []string{"notes", "views"} {
		opened, err := value(store.Open(bucket))
		if err != nil {
			return err
		}
		if _, err = value(batch.DeleteMany(opened, names)); err != nil {
			return err
		}
	}
	return nil
}

func run(command string, words []string) error {
	switch {
	case command == "add" && len(words)%2 == 0:
		return add(words)
	case command == "show":
		return show(words)
	case command == "list":
		return list()
	case command == "remove":
		return remove(words)
	default:
		return errors.New("usage: add (NAME TEXT)... | show NAME... | list | remove NAME...")
	}
}

// Run is the whole command: wit-bindgen calls it as the export of wasi:cli/run.
func Run() types.Result[types.Unit, types.Unit] {
	words := append(os.Args, "")[1:]
	if err := run(words[0], words[1:max(1, len(words)-1)]); err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		return types.Err[types.Unit](types.Unit{})
	}
	return types.Ok[types.Unit, types.Unit](types.Unit{})
}
