package loopback

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A process is this program once more, in another role. Parent and child exchange lines of JSON.
type process struct {
	command *exec.Cmd
	in      io.WriteCloser
	encoder *json.Encoder
	decoder *json.Decoder
}

// start runs this program with args. Its environment has the test's own certificate authority, and no proxy.
func start(ctx context.Context, dir string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, self, args...)
	command.Env = []string{"SSL_CERT_FILE=" + filepath.Join(dir, certFile), "SSL_CERT_DIR=" + dir}
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	return &process{command, in, json.NewEncoder(in), json.NewDecoder(out)}, nil
}

// ask sends a question and waits for the answer. A child that does not answer in time is ended.
func (p *process) ask(question, answer any, limit time.Duration) error {
	if question != nil {
		if err := p.encoder.Encode(question); err != nil {
			return err
		}
	}
	done := make(chan error, 1)
	go func() { done <- p.decoder.Decode(answer) }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return errors.Join(fmt.Errorf("the child process did not answer within %v", limit), p.command.Process.Kill())
	}
}

// stop ends the child and waits for it.
func (p *process) stop() error {
	return errors.Join(p.in.Close(), p.command.Wait())
}
