// tree.h: a directory of files for the store's fuzzer, and what it must hold.
//
//   root/b        the bucket, made of what the input's bytes choose
//   root/other    another bucket, never to be touched
//   outside       files that links in the bucket lead to, never to be touched
//
// For each key of a small set it is known what stands at its file name; what the
// store does to it is told with tree_set and tree_remove.
#ifndef TREE_H
#define TREE_H

#include "core/buffer.h"
#include "fuzz.h"

enum {
    tree_keys = 6,
    tree_path_room = 600,
};

enum tree_kind {
    TREE_ABSENT,
    TREE_FILE,
    TREE_DIRECTORY,
    TREE_FULL_DIRECTORY, // with a file in it
    TREE_LINK,           // to a file outside
    TREE_DANGLING_LINK,
    TREE_DIRECTORY_LINK, // to a directory outside
    TREE_PIPE,
    tree_kind_count,
};

struct tree_key {
    struct bytes key;
    const char *file;
    enum tree_kind kind;
    struct buffer content; // of a file
};

struct tree {
    char root[tree_path_room];
    struct tree_key keys[tree_keys];
    bool obstructed; // something stands in `.kv` that a writer may not remove
};

// Makes all of it anew in a temporary directory.
void tree_make(struct tree *tree, struct bytes *input);
void tree_remove_all(struct tree *tree);

// What a person does to the bucket.
void tree_place_key(struct tree *tree, struct bytes *input);
void tree_place_scratch(struct tree *tree, struct bytes *input);
void tree_remove_scratch(struct tree *tree);

// What the store has done to a key.
void tree_set(struct tree_key *key, struct bytes content);
void tree_removed(struct tree_key *key);

// Everything is as it is known to be, and what was not to be touched was not.
void tree_check(const struct tree *tree);

// The turn is nobody's, or it is idle.
void tree_check_scratch(const struct tree *tree);

#endif
