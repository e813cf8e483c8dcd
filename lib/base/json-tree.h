/* The values of a JSON document while it is read and afterwards. Private to json.c and json-scan.c,
 * which has found every document valid before its tree is looked at.
 *
 * A value is a node of fixed size. The nodes of one array or object lie side by side in document
 * order; all text lies in one buffer of the document's size, for text shrinks when it is decoded.
 */
#pragma once

#include "base/json.h"

typedef struct JsonNode JsonNode;

struct JsonNode {
        unsigned char type; /* JsonType */
        bool is_negative;   /* number is the size of a negative integer */
        uint32_t n;         /* items or members */
        const char *key;    /* of a member */
        union {
                uint64_t number;  /* integers and booleans */
                const char *text; /* strings; numbers that are no integers, as they are written */
                const JsonNode *items;
        };
};

typedef struct JsonTreeBlock JsonTreeBlock;

typedef struct JsonTree {
        char *text; /* the strings that are complete, and the one that is being read */
        size_t text_used, text_start;
        JsonNode *open; /* values whose array or object is still open */
        size_t n_open, n_allocated;
        JsonTreeBlock *blocks; /* of the arrays and objects that are closed; the newest has room */
        size_t used, size;     /* bytes of it */
} JsonTree;

/* Room for all text of a document of this size. -ENOMEM. */
int json_tree_init(JsonTree *tree, size_t document_size);
void json_tree_done(JsonTree *tree);

/* Appends to the string that is being read. The bytes come from the document, decoded: there is
 * room for all of them, a NUL byte for each string included. */
void json_tree_add_bytes(JsonTree *tree, const char *bytes, size_t n);

/* The string is complete. It lives as long as the tree. */
const char *json_tree_end_bytes(JsonTree *tree);

/* The next value of the array or object that is open, or the document's. -ENOMEM. */
int json_tree_push(JsonTree *tree, JsonNode node);

/* Makes an array or object of the last n values. -ENOMEM. */
int json_tree_close(JsonTree *tree, size_t n, bool is_object, JsonNode *ret);

/* The member of this name, NULL when there is none. Takes logarithmic time in large objects. */
const JsonNode *json_node_member(const JsonNode *object, const char *key);
