//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// withDescendants makes cancelling a command end what the command has started, too: the go command does
// not end the tests that it runs.
func withDescendants(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
