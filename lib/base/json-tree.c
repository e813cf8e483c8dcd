/* Memory of a JSON tree: values wait on a stack until their array or object closes, and then move
 * side by side into a block that is never freed before the tree. See json-tree.h. */
#include "base/json-tree.h"

#include <stddef.h>
#include <string.h>

/* From here on an object has an index behind its members: documents come from strangers too, and
 * reading one object by the names of another must not take quadratic time. */
enum { INDEX_MIN = 24, BLOCK_SIZE = 4096 };

struct JsonTreeBlock {
        JsonTreeBlock *next;
        max_align_t data[];
};

int json_tree_init(JsonTree *tree, size_t document_size)
{
        /* Quotes of a string, or what ends a number, leave room for its NUL byte; but nothing need
         * follow a number that is the whole document. */
        *tree = (JsonTree){ .text = malloc(document_size + 1) };
        return tree->text ? 0 : -ENOMEM;
}

void json_tree_done(JsonTree *tree)
{
        while (tree->blocks) {
                JsonTreeBlock *block = tree->blocks;

                tree->blocks = block->next;
                free(block);
        }
        free(tree->text);
        free(tree->open);
        *tree = (JsonTree){ 0 };
}

void json_tree_add_bytes(JsonTree *tree, const char *bytes, size_t n)
{
        memcpy(tree->text + tree->text_used, bytes, n);
        tree->text_used += n;
}

const char *json_tree_end_bytes(JsonTree *tree)
{
        const char *text = tree->text + tree->text_start;

        tree->text[tree->text_used++] = '\0';
        tree->text_start = tree->text_used;
        return text;
}

int json_tree_push(JsonTree *tree, JsonNode node)
{
        if (tree->n_open == tree->n_allocated) {
                size_t n = 2 * tree->n_allocated + 32;
                JsonNode *larger = reallocarray(tree->open, n, sizeof(*larger));

                if (!larger)
                        return -ENOMEM;
                tree->open = larger;
                tree->n_allocated = n;
        }
        tree->open[tree->n_open++] = node;
        return 0;
}

/* Nodes and pointers only: both of sizes that keep the next one aligned. */
static void *take_room(JsonTree *tree, size_t size)
{
        void *room;

        if (size > tree->size - tree->used) {
                size_t block_size = MAX_OF(size, (size_t) BLOCK_SIZE);
                JsonTreeBlock *block = malloc(sizeof(*block) + block_size);

                if (!block)
                        return NULL;
                block->next = tree->blocks;
                tree->blocks = block;
                tree->used = 0;
                tree->size = block_size;
        }
        room = (char *) tree->blocks->data + tree->used;
        tree->used += size;
        return room;
}

static int compare_keys(const void *a, const void *b)
{
        const JsonNode *const *one = a, *const *other = b;

        return strcmp((*one)->key, (*other)->key);
}

/* Members by name, behind the members themselves. */
static const JsonNode **index_of(const JsonNode *items, size_t n)
{
        return (const JsonNode **) (uintptr_t) (items + n);
}

int json_tree_close(JsonTree *tree, size_t n, bool is_object, JsonNode *ret)
{
        bool has_index = is_object && n >= INDEX_MIN;
        JsonNode *items = NULL;

        if (n > 0) {
                items = take_room(
                        tree, n * (sizeof(*items) + (has_index ? sizeof(const JsonNode *) : 0)));
                if (!items)
                        return -ENOMEM;
                tree->n_open -= n;
                memcpy(items, tree->open + tree->n_open, n * sizeof(*items));
        }
        if (has_index) {
                for (size_t i = 0; i < n; i++)
                        index_of(items, n)[i] = &items[i];
                qsort(index_of(items, n), n, sizeof(const JsonNode *), compare_keys);
        }
        *ret = (JsonNode){ .type = is_object ? JSON_TYPE_OBJECT : JSON_TYPE_ARRAY,
                .n = (uint32_t) n,
                .items = items };
        return 0;
}

const JsonNode *json_node_member(const JsonNode *object, const char *key)
{
        const JsonNode wanted = { .key = key }, *pointer = &wanted, **found;

        if (object->n >= INDEX_MIN) {
                found = bsearch(&pointer, index_of(object->items, object->n), object->n,
                        sizeof(const JsonNode *), compare_keys);
                return found ? *found : NULL;
        }
        for (size_t i = 0; i < object->n; i++)
                if (strcmp(object->items[i].key, key) == 0)
                        return &object->items[i];
        return NULL;
}
