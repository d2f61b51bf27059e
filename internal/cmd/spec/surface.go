package main

import (
	"context"
	"fmt"
	"go/types"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/packages"
)

// A packageChange is what changed in the exported names of one package.
type packageChange struct {
	Package      string   `json:"package"` // below the module, as in "wrapper"
	Incompatible []string `json:"incompatible,omitempty"`
	Compatible   []string `json:"compatible,omitempty"`
	// Grown are methods that an interface of the generated client gained. To Go that is a break for whoever
	// implements the interface; here it is how the client grows, with every operation that is added.
	Grown []string `json:"grown,omitempty"`
}

// surface is the exported names of the public packages.
type surface struct {
	packages map[string]*types.Package
	failed   map[string]bool // packages that do not compile
}

// loadSurface type-checks the public packages of the module in a folder.
func loadSurface(ctx context.Context, dir string) (*surface, error) {
	config := &packages.Config{
		Context: ctx,
		Dir:     dir,
		Env:     append(os.Environ(), "GOWORK=off"),
		// The repository must stay as it is, whatever GOFLAGS says.
		BuildFlags: []string{"-mod=readonly"},
		Mode:       packages.LoadTypes,
	}
	loaded, err := packages.Load(config, "./api", "./wrapper/...")
	if err != nil {
		return nil, fmt.Errorf("load the packages: %w", err)
	}
	s := &surface{map[string]*types.Package{}, map[string]bool{}}
	for _, pkg := range loaded {
		name := strings.TrimPrefix(pkg.PkgPath, modulePath+"/")
		switch {
		case len(pkg.Errors) > 0:
			s.failed[name] = true
		case slices.Contains(strings.Split(name, "/"), "internal"), pkg.Name == "main":
		default:
			s.packages[name] = pkg.Types
		}
	}
	return s, nil
}

// generatedInterfaces matches the message of a method that the generator has added to its interfaces.
var generatedInterfaces = regexp.MustCompile(`^(ClientInterface|ClientWithResponsesInterface)\.\w+: added$`)

// embedded matches the part of a message that names the type which embeds an interface.
var embedded = regexp.MustCompile(`, method set of [^:]+:`)

// compareSurfaces returns the packages whose exported names changed. Of a package that does not compile
// nothing can be said.
func compareSurfaces(before, after *surface) []packageChange {
	names := maps.Clone(before.packages)
	maps.Copy(names, after.packages)
	var result []packageChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := packageChange{Package: name}
		switch was, is := before.packages[name], after.packages[name]; {
		case before.failed[name] || after.failed[name]:
		case is == nil:
			c.Incompatible = []string{"package removed"}
		case was == nil:
			c.Compatible = []string{"package added"}
		default:
			c.sort(apidiff.Changes(was, is))
		}
		if len(c.Incompatible)+len(c.Compatible)+len(c.Grown) > 0 {
			result = append(result, c)
		}
	}
	return result
}

// sort puts what apidiff found into its place. It names the methods of an interface more than once, with
// each type that embeds it.
func (c *packageChange) sort(report apidiff.Report) {
	for _, found := range report.Changes {
		switch {
		case found.Compatible:
			c.Compatible = append(c.Compatible, found.Message)
		case c.Package == "api" && generatedInterfaces.MatchString(found.Message):
			c.Grown = append(c.Grown, found.Message)
		default:
			c.Incompatible = append(c.Incompatible, found.Message)
		}
	}
	c.Compatible = slices.DeleteFunc(c.Compatible, func(m string) bool { return slices.Contains(c.Grown, m) })
	c.Incompatible = slices.DeleteFunc(c.Incompatible, func(m string) bool {
		return slices.Contains(c.Incompatible, embedded.ReplaceAllString(m, ":")) && embedded.MatchString(m)
	})
}
