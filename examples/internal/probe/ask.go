package probe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"time"
)

// Ask runs a lab program of another language, such as python3 lab.py, and returns the numbers in the
// line of JSON that it prints.
func Ask(ctx context.Context, command []string, args ...string) (numbers map[string]float64, err error) {
	const patience = 20 * time.Second
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("took longer than %v", patience))
	defer cancel()
	output, err := exec.CommandContext(ctx, command[0], append(command[1:len(command):len(command)],
		args...)...).Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	var line map[string]any
	if err := json.Unmarshal(output, &line); err != nil {
		return nil, errors.New("printed no line of JSON")
	}
	numbers = map[string]float64{}
	for name, value := range line {
		if n, ok := value.(float64); ok {
			numbers[name] = n
		}
	}
	return numbers, nil
}
