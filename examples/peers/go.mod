module github.com/braidgo/braid/examples/peers

go 1.26.0

require github.com/braidgo/braid v0.0.0

replace github.com/braidgo/braid => ../../
