package main

import (
	"bytes"
	"cmp"
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
	repo, temporary, dir string
	run                  goCommand
}

// newTrial makes a worktree of the repository as it lies there, with what is not committed yet, but without what git does
// not know of. Neither the files of the repository nor its branches change.
func newTrial(ctx context.Context, run goCommand, repo string) (*trial, error) {
	temporary, err := os.MkdirTemp("", "portal-spec-")
	if err != nil {
		return nil, err
	}
	t := &trial{repo, temporary, filepath.Join(temporary, "tree"), run}
	commit, err := git(ctx, repo, "-c", "user.name=spec", "-c", "user.email=spec@localhost", "stash", "create")
	if err == nil {
		commit = cmp.Or(strings.TrimSpace(commit), "HEAD") // nothing, when all is committed
		_, err = git(ctx, repo, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", t.dir, commit)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a worktree of %s to try it in: %w", repo, err), t.remove(ctx))
	}
	return t, nil
}

// remove takes the worktree away, if there is one, and the repository's note of it.
func (t *trial) remove(ctx context.Context) error {
	if t == nil {
		return nil
	}
	err := os.RemoveAll(t.temporary)
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
func (t *trial) tool(ctx context.Context, dir, name string, args ...string) (string, error) {
	return t.run(ctx, dir, append([]string{"tool", "-modfile=internal/tools/go.mod", name}, args...)...)
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
