package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A commandError is a command that ran and failed; its output says why.
type commandError struct{ command, output string }

func (e *commandError) Error() string { return e.command + " failed:\n" + e.output }

// compile compiles every package of the module in a folder, as go build does, and writes nothing there. It
// does not link the programs, which takes most of the time and tells nothing.
func compile(ctx context.Context, dir string) error {
	return goCommand(ctx, dir, "list", "-export", "-mod=readonly", "-f", "{{/* only errors */}}", "./...")
}

// goCommand runs the go command in a folder. When that fails, the error is a *commandError.
func goCommand(ctx context.Context, dir string, args ...string) error {
	_, err := goOutput(ctx, dir, args...)
	return err
}

// goOutput is goCommand, with what the command prints on stdout.
func goOutput(ctx context.Context, dir string, args ...string) (string, error) {
	command := "go " + strings.Join(args, " ")
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = 10 * time.Second
	withDescendants(cmd)
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() { // one that was killed has not failed
		text := strings.ReplaceAll(stdout.String()+stderr.String(), dir+string(filepath.Separator), "")
		return "", &commandError{command, strings.Trim(text, "\n")}
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", command, err)
	}
	return stdout.String(), nil
}
