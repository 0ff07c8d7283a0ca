#include "test.h"
const struct test claim_tests[] = {{NULL, NULL}};
