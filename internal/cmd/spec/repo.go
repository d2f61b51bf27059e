package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Where things are in the repository.
const (
	modulePath     = "github.com/portalclient/portal-client-go"
	documentFile   = "openapi/client-api.yaml"
	overlayFile    = "openapi/overlay.yaml"
	sumFile        = "openapi/client-api.yaml.sha256"
	provenanceFile = "openapi/PROVENANCE.md"
)

// findRepo returns the root of the repository that the folder is in.
func findRepo(folder string) (string, error) {
	start, err := filepath.Abs(folder)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if isRoot(dir) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not in a checkout of %s; name one with -repo", start, modulePath)
		}
	}
}

// isRoot tells whether the go.mod in a folder is that of the client, not of a module below it.
func isRoot(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) == "module "+modulePath {
			return true
		}
	}
	return false
}

// readRepoFile reads a file of the repository that must be there.
func readRepoFile(repo, name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(repo, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing in the repository", name)
	}
	return text, err
}

// readCandidate reads the document that the user named.
func readCandidate(folder, name string) ([]byte, error) {
	if strings.Contains(name, "://") {
		return nil, fmt.Errorf("%s is an address; download the document and name the file", name)
	}
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(folder, path)
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s", name)
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", name, errors.Unwrap(err))
	}
	return text, nil
}
