// Package importcost weighs programs: how large they are, what is linked into them, and what they do before
// main.
package importcost

import (
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A Program is one that was built.
type Program struct {
	Name     string
	Size     int64    // bytes, as go build makes it
	Stripped int64    // bytes, with -ldflags="-s -w"
	Modules  []string // that gave it a package, the standard library and itself aside
	Init     []Init
}

// Build builds the package main in folder pkg of the module at moduleDir, into dir, and weighs it.
func Build(ctx context.Context, moduleDir, pkg, dir string, flags ...string) (Program, error) {
	p := Program{Name: filepath.Base(pkg)}
	full, stripped := filepath.Join(dir, p.Name), filepath.Join(dir, p.Name+"-stripped")
	var err error
	if p.Size, err = build(ctx, moduleDir, pkg, full, flags...); err != nil {
		return p, err
	}
	if p.Stripped, err = build(ctx, moduleDir, pkg, stripped, append(flags, "-ldflags=-s -w")...); err != nil {
		return p, err
	}
	info, err := buildinfo.ReadFile(full)
	if err != nil {
		return p, err
	}
	for _, m := range info.Deps {
		p.Modules = append(p.Modules, m.Path)
	}
	slices.Sort(p.Modules)
	p.Init, err = traceInit(ctx, full)
	return p, err
}

func build(ctx context.Context, moduleDir, pkg, out string, flags ...string) (int64, error) {
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-o", out}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Dir = moduleDir
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	info, err := os.Stat(out)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}
