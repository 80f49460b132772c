package examples

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// GoTree returns the directory of the Go installation: real input that is on every
// machine where these programs are built.
func GoTree(ctx context.Context) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the Go installation: go env GOROOT: %w", err)
	}
	return strings.TrimSpace(string(root)), nil
}
