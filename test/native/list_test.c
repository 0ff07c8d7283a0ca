#include "test.h"
const struct test list_tests[] = {{NULL, NULL}};
