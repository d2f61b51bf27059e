package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A trial is a worktree of the repository in a temporary folder, in which anything may be done.
type trial struct {
	repo, dir string
	snapshot  string // the commit that the worktree began with
}

// newTrial makes a worktree of the repository as it lies there, with what is not committed yet. Neither the files of the
// repository nor its index nor its branches change.
func newTrial(ctx context.Context, repo string) (*trial, error) {
	temporary, err := os.MkdirTemp("", "portal-spec-")
	if err != nil {
		return nil, err
	}
	t := &trial{repo: repo, dir: filepath.Join(temporary, "tree")}
	index := "GIT_INDEX_FILE=" + filepath.Join(temporary, "index")
	last := ""
	for _, args := range [][]string{
		{"read-tree", "HEAD"},
		{"add", "--all"},
		{"write-tree"},
		{"-c", "user.name=spec", "-c", "user.email=spec@localhost", "commit-tree", "-p", "HEAD", "-m", "What lies in the repository"},
		{"-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", t.dir},
	} {
		if last != "" {
			args = append(args, last)
		}
		output, err := command(ctx, repo, "", index, "git", args...)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("make a worktree of %s to try it in: %w", repo, err), t.remove(ctx))
		}
		if last = strings.TrimSpace(output); last != "" {
			t.snapshot = last // in the end the commit
		}
	}
	return t, nil
}

// remove takes the worktree away, and the repository's note of it.
func (t *trial) remove(ctx context.Context) error {
	err := os.RemoveAll(filepath.Dir(t.dir))
	_, pruned := git(context.WithoutCancel(ctx), t.repo, "worktree", "prune") // after an interrupt too
	return errors.Join(err, pruned)
}

func (t *trial) path(name string) string { return filepath.Join(t.dir, filepath.FromSlash(name)) }

// git runs git in a folder and returns what it prints.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	return command(ctx, dir, "", "LC_ALL=C", "git", args...)
}

// A goCommand runs the go command in a folder and returns what it prints. When the command fails, the error is a
// *commandError.
type goCommand func(ctx context.Context, dir string, args ...string) (string, error)

func runGo(ctx context.Context, dir string, args ...string) (string, error) {
	return command(ctx, dir, "", "GOWORK=off", "go", args...)
}

// tool runs one of the tools of internal/tools in a folder of the repository.
func (run goCommand) tool(ctx context.Context, dir, name string, args ...string) (string, error) {
	return run(ctx, dir, append([]string{"tool", "-modfile=internal/tools/go.mod", name}, args...)...)
}

// A commandError is a command that ran and failed; its output says why.
type commandError struct{ command, output string }

func (e *commandError) Error() string { return e.command + " failed:\n" + e.output }

// command runs a command, and interrupts it when the context ends.
func command(ctx context.Context, dir, stdin, environment, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(cmd.Environ(), environment)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// The go command ends what it has started when it is interrupted, not when it is killed.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() { // one that was killed has not failed
		output := strings.ReplaceAll(stdout.String()+stderr.String(), dir+string(filepath.Separator), "")
		return "", &commandError{name + " " + strings.Join(args, " "), strings.Trim(output, "\n")}
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return stdout.String(), nil
}
