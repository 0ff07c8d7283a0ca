#include "test.h"
const struct test store_change_tests[] = {{NULL, NULL}};
