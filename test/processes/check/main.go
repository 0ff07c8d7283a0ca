// check reads recorded histories, one JSON file each, and says for each whether
// it is linearizable: whether every operation can have taken effect at one
// instant between its call and its return, so that all results are what the
// store's rules give in that order. Keys are independent of each other.
//
//	check [-corrupt] HISTORY...
//
// With -corrupt, one result of each history is made wrong first, and the history
// must be found not to be linearizable: a check that cannot fail proves nothing.
package main

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// operation is one element of a history, as history.py writes it. A value is
// spelled in hex digits and null is an absent one; see worker.py.
type operation struct {
	Client  int             `json:"client"`
	Call    int64           `json:"call"`
	Return  int64           `json:"return"`
	Name    string          `json:"name"`
	Key     string          `json:"key"`
	Value   *string         `json:"value"`    // set, swap: the new one
	Old     *string         `json:"expected"` // swap
	Delta   int64           `json:"delta"`    // increment
	Unknown bool            `json:"unknown"`  // its process was killed before the return
	Result  json.RawMessage `json:"result"`
}

const (
	absent  = "absent"
	timeout = 2 * time.Minute
)

func spelled(value *string) string {
	if value == nil {
		return absent
	}
	return *value
}

// lineEnd gives the end of a counter in text: LF, CR LF or none.
func lineEnd(content string) string {
	for _, end := range []string{"\r\n", "\n"} {
		if strings.HasSuffix(content, end) {
			return end
		}
	}
	return ""
}

// isText tells a counter in decimal text.
func isText(content string) bool {
	digits := strings.TrimPrefix(strings.TrimSuffix(content, lineEnd(content)), "-")
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isReadable tells bytes that a person may have written, which are no binary counter.
func isReadable(content string) bool {
	for _, c := range []byte(content) {
		if (c < ' ' || c >= 0x7F) && (c < '\t' || c > '\r') {
			return false
		}
	}
	return true
}

// add gives what an increment makes of a value, and the sum; false where it is refused.
func add(state string, delta int64) (string, int64, bool) {
	if state == absent {
		state = strings.Repeat("00", 8)
	}
	raw, err := hex.DecodeString(state)
	content := string(raw)
	if err != nil || (len(content) == 8 && isReadable(content)) || (len(content) != 8 && !isText(content)) {
		return state, 0, false // neither form, or both at once
	}
	if len(content) == 8 {
		sum := int64(binary.LittleEndian.Uint64(raw)) + delta
		return hex.EncodeToString(binary.LittleEndian.AppendUint64(nil, uint64(sum))), sum, true
	}
	end := lineEnd(content)
	old, err := strconv.ParseInt(strings.TrimSuffix(content, end), 10, 64)
	if err != nil {
		return state, 0, false
	}
	sum := old + delta
	text := strconv.FormatInt(sum, 10)
	if len(text)+len(end) == 8 && end != "" {
		end = ""
	} else if len(text)+len(end) == 8 {
		end = "\n"
	}
	text += end
	return hex.EncodeToString([]byte(text)), sum, true
}

// apply gives the state after an operation, and the result that it must have had.
func apply(state string, op *operation) (string, any) {
	switch op.Name {
	case "get":
		if state == absent {
			return state, nil
		}
		return state, state
	case "exists":
		return state, state != absent
	case "set":
		return spelled(op.Value), nil
	case "delete":
		return absent, nil
	case "increment":
		next, sum, ok := add(state, op.Delta)
		if !ok {
			return state, "refused"
		}
		return next, sum
	case "swap":
		if state == spelled(op.Old) {
			return spelled(op.Value), []any{"swapped"}
		}
		if state == absent {
			return state, []any{"changed", nil}
		}
		return state, []any{"changed", state}
	}
	panic("unknown operation " + op.Name)
}

func step(state, input, output any) []any {
	op := input.(*operation)
	next, result := apply(state.(string), op)
	if op.Unknown {
		return []any{state, next} // it happened or it did not
	}
	expected, err := json.Marshal(result)
	if err != nil {
		panic(err)
	}
	if string(expected) != output.(string) {
		return nil
	}
	return []any{next}
}

func byKey(history []porcupine.Operation) [][]porcupine.Operation {
	keys := map[string][]porcupine.Operation{}
	for _, op := range history {
		key := op.Input.(*operation).Key
		keys[key] = append(keys[key], op)
	}
	var parts [][]porcupine.Operation
	for _, part := range keys {
		parts = append(parts, part)
	}
	return parts
}

var model = porcupine.NondeterministicModel{
	Partition: byKey,
	Init:      func() []any { return []any{absent} },
	Step:      step,
	Equal:     func(a, b any) bool { return a == b },
	DescribeOperation: func(input, output any) string {
		op := input.(*operation)
		return fmt.Sprintf("%s(%s, %s, %d) -> %s", op.Name, spelled(op.Old), spelled(op.Value), op.Delta, output)
	},
}

func read(path string) ([]operation, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var operations []operation
	if err := json.Unmarshal(text, &operations); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return operations, nil
}

// compact gives results one spelling, so that they compare as text.
func compact(raw json.RawMessage) string {
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// corrupt makes the increment in the middle answer one too much.
func corrupt(operations []operation) bool {
	for i := len(operations) / 2; i < len(operations); i++ {
		op := &operations[i]
		sum, err := strconv.ParseInt(string(op.Result), 10, 64)
		if op.Name == "increment" && !op.Unknown && err == nil {
			op.Result = json.RawMessage(strconv.FormatInt(sum+1, 10))
			return true
		}
	}
	return false
}

func check(path string, corrupted bool) (bool, error) {
	operations, err := read(path)
	if err != nil {
		return false, err
	}
	if corrupted && !corrupt(operations) {
		return false, fmt.Errorf("%s: no increment to corrupt", path)
	}
	var history []porcupine.Operation
	for i := range operations {
		op := &operations[i]
		output := "null"
		if !op.Unknown {
			output = compact(op.Result)
		}
		history = append(history, porcupine.Operation{
			ClientId: op.Client, Input: op, Call: op.Call, Output: output, Return: op.Return})
	}
	checked := model.ToModel()
	result, information := porcupine.CheckOperationsVerbose(checked, history, timeout)
	expected := porcupine.Ok
	if corrupted {
		expected = porcupine.Illegal
	}
	if result != expected && !corrupted {
		picture := path + ".html"
		if err := porcupine.VisualizePath(checked, information, picture); err != nil {
			return false, err
		}
		fmt.Printf("%s: %s; see %s\n", path, result, picture)
	} else if result != expected {
		fmt.Printf("%s: a wrong result was not found: %s\n", path, result)
	}
	return result == expected, nil
}

func main() {
	corrupted := flag.Bool("corrupt", false, "make a result wrong first, which must be found")
	flag.Parse()
	failed := flag.NArg() == 0
	for _, path := range flag.Args() {
		passed, err := check(path, *corrupted)
		if err != nil {
			fmt.Println(err)
		}
		failed = failed || !passed
	}
	if failed {
		os.Exit(1)
	}
}
