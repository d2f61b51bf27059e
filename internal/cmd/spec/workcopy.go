package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A workcopy is a copy of the repository in a temporary folder, in which anything may be tried.
type workcopy struct {
	dir    string
	copied map[string]sum // what was copied, by slash-separated name
}

// sum is what the texts of files are compared by.
type sum = [sha256.Size]byte

// newWorkcopy copies every file but Git's own. The files are copied, not linked: the generator writes into
// the file that is there.
func newWorkcopy(ctx context.Context, repo string) (*workcopy, error) {
	dir, err := os.MkdirTemp("", "portal-spec-")
	if err != nil {
		return nil, err
	}
	w := &workcopy{dir: dir, copied: map[string]sum{}}
	err = filepath.WalkDir(repo, func(path string, entry fs.DirEntry, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		name, err := filepath.Rel(repo, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, name)
		switch {
		case path == dir, entry.Name() == ".git" && entry.IsDir():
			return filepath.SkipDir
		case entry.Name() == ".git":
			return nil
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case !entry.Type().IsRegular():
			return nil // the repository has neither links nor devices
		}
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a temporary file of someone else's
		}
		if err != nil {
			return err
		}
		w.copied[filepath.ToSlash(name)] = sha256.Sum256(text)
		return os.WriteFile(target, text, 0o644)
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("copy the repository: %w", err), w.remove())
	}
	return w, nil
}

func (w *workcopy) remove() error { return os.RemoveAll(w.dir) }

func (w *workcopy) path(name string) string { return filepath.Join(w.dir, filepath.FromSlash(name)) }

func (w *workcopy) write(name string, text []byte) error {
	return os.WriteFile(w.path(name), text, 0o644)
}

// sums returns the SHA-256 of every file, by its slash-separated name.
func (w *workcopy) sums() (map[string]sum, error) {
	sums := map[string]sum{}
	err := filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(w.dir, path)
		sums[filepath.ToSlash(name)] = sha256.Sum256(text)
		return err
	})
	return sums, err
}
