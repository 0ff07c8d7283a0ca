#include "test.h"
const struct test store_read_tests[] = {{NULL, NULL}};
