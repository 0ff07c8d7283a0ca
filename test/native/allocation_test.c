#include "test.h"
const struct test allocation_tests[] = {{NULL, NULL}};
