package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// newCommitCopy puts the files of the last commit into a temporary folder.
func newCommitCopy(ctx context.Context, repo string) (*workcopy, error) {
	archive, err := exec.CommandContext(ctx, "git", "-C", repo, "archive", "--format=tar", "HEAD").Output()
	if err != nil {
		return nil, fmt.Errorf("git archive: %w", err)
	}
	dir, err := os.MkdirTemp("", "portal-spec-")
	if err != nil {
		return nil, err
	}
	w := &workcopy{dir: dir}
	if err := extract(archive, dir); err != nil {
		return nil, errors.Join(err, w.remove())
	}
	return w, nil
}

// extract writes the regular files of an archive into a folder, and nothing outside it.
func extract(archive []byte, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for files := tar.NewReader(bytes.NewReader(archive)); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return err
		}
		if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(header.Name)), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(filepath.FromSlash(header.Name), text, 0o644); err != nil {
			return err
		}
	}
}
