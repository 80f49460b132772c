package blackbox

const asService = "BLACKBOX_TEST_AS_SERVICE"

func pretend(string) {}
