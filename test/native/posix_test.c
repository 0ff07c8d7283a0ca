#include "test.h"
const struct test posix_tests[] = {{NULL, NULL}};
