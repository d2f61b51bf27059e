package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// A replacement is what a file was, and what it is to be. A nil text stands for no file.
type replacement struct{ was, is []byte }

// replacements compares the copy with the repository. Only what the copy was made to differ in counts, so
// files that somebody has changed in the repository since are an error, not a difference.
func (w *workcopy) replacements(ctx context.Context, repo string) (map[string]replacement, error) {
	is, err := w.sums()
	if err != nil {
		return nil, err
	}
	files := map[string]replacement{}
	for name, was := range w.copied {
		if is[name] == was {
			continue
		}
		r, err := readReplacement(repo, w.dir, name)
		if err != nil {
			return nil, errors.Join(err, ctx.Err())
		}
		if sha256.Sum256(r.was) != was {
			return nil, fmt.Errorf("%s has been changed while this was running; run it again", name)
		}
		files[name] = r
	}
	for name := range is {
		if _, known := w.copied[name]; known {
			continue
		}
		r, err := readReplacement(repo, w.dir, name)
		if err != nil {
			return nil, err
		}
		if r.was != nil {
			return nil, fmt.Errorf("%s has been added while this was running; run it again", name)
		}
		files[name] = r
	}
	return files, nil
}

func readReplacement(repo, copied, name string) (r replacement, err error) {
	if r.was, err = readIfThere(filepath.Join(repo, filepath.FromSlash(name))); err != nil {
		return r, err
	}
	r.is, err = readIfThere(filepath.Join(copied, filepath.FromSlash(name)))
	return r, err
}

func readIfThere(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && text == nil {
		text = []byte{}
	}
	return text, err
}

// install puts the new texts into the repository. After an error, or when the context ends meanwhile, every
// file is again what it was.
func install(ctx context.Context, repo string, files map[string]replacement) (err error) {
	var done []string
	defer func() {
		if err == nil {
			return
		}
		err = fmt.Errorf("not taken, the repository is as it was: %w", err)
		for _, name := range slices.Backward(done) {
			if failed := put(filepath.Join(repo, filepath.FromSlash(name)), files[name].was); failed != nil {
				err = fmt.Errorf("%s could not be put back (%w); restore it with git checkout. Before that: %w", name, failed, err)
			}
		}
	}()
	for name, r := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(repo, filepath.FromSlash(name))
		now, err := readIfThere(path)
		if err != nil {
			return err
		}
		if string(now) != string(r.was) || (now == nil) != (r.was == nil) {
			return fmt.Errorf("%s has been changed while this was running; run it again", name)
		}
		if err := put(path, r.is); err != nil {
			return err
		}
		done = append(done, name)
	}
	return nil
}

// put makes a file have a text, or not be there when the text is nil. A reader sees the old or the new.
func put(path string, text []byte) error {
	if text == nil {
		err := os.Remove(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".spec-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
