// Package growth shows how the generated code grows with the document: made-up documents with more and more
// operations go through the generator and the compiler.
package growth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/portalclient/portal-client-go/internal/bench/importcost"
	"github.com/portalclient/portal-client-go/internal/bench/stat"
)

// A Point is what a document of so many operations costs.
type Point struct {
	Operations int
	Generation stat.Sample // seconds
	Lines      int         // of generated Go
	Program    importcost.Program
}

// generatorPackage is a tool of the root module.
const generatorPackage = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen"

// config has the options of the root's oapi-codegen.yaml that shape the code.
const config = `package: made
generate:
  models: true
  client: true
compatibility:
  always-prefix-enum-values: true
output-options:
  name-normalizer: ToCamelCaseWithInitialisms
  prefer-skip-optional-pointer: true
  prefer-skip-optional-pointer-with-omitzero: true
  prefer-skip-optional-pointer-on-container-types: true
`

// Measure generates and builds a program for each number of operations. moduleDir is the benchmark module,
// rootDir the module whose generator is used.
func Measure(ctx context.Context, moduleDir, rootDir string, operations []int, rounds int) (points []Point, err error) {
	dir, err := os.MkdirTemp("", "portal-bench-growth-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if moduleDir, err = filepath.Abs(moduleDir); err != nil {
		return nil, err
	}
	generator := filepath.Join(dir, "oapi-codegen")
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", generator, generatorPackage)
	build.Dir = rootDir
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the generator: %w\n%s", err, text)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(config), 0o600); err != nil {
		return nil, err
	}
	points = make([]Point, len(operations))
	times := make([][]float64, len(operations))
	for r := range rounds {
		for _, i := range stat.Order(len(operations), r) {
			seconds, err := generate(ctx, dir, generator, operations[i])
			if err != nil {
				return nil, fmt.Errorf("generate %d operations: %w", operations[i], err)
			}
			times[i] = append(times[i], seconds)
		}
	}
	for i, n := range operations {
		points[i] = Point{Operations: n, Generation: stat.Of(times[i])}
		if err := points[i].build(ctx, moduleDir, dir); err != nil {
			return nil, fmt.Errorf("build %d operations: %w", n, err)
		}
	}
	return points, nil
}

func clientPath(dir string, n int) string {
	return filepath.Join(dir, fmt.Sprintf("client%d.gen.go", n))
}

// generate writes a document and times the generator on it.
func generate(ctx context.Context, dir, generator string, n int) (seconds float64, err error) {
	document, err := json.Marshal(Document(n))
	if err != nil {
		return 0, err
	}
	path := filepath.Join(dir, "document.json")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, generator, "-config", filepath.Join(dir, "config.yaml"), "-o", clientPath(dir, n), path)
	start := time.Now()
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, text)
	}
	return time.Since(start).Seconds(), nil
}

// build builds the program with the generated package inside the benchmark module, by an overlay of the file
// system: nothing is written there.
func (p *Point) build(ctx context.Context, moduleDir, dir string) error {
	generated := clientPath(dir, p.Operations)
	text, err := os.ReadFile(generated)
	if err != nil {
		return err
	}
	for _, c := range text {
		if c == '\n' {
			p.Lines++
		}
	}
	main := filepath.Join(dir, "main.go")
	if err := os.WriteFile(main, program(p.Operations), 0o600); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(moduleDir, "growth", "made", "client.gen.go"):          generated,
		filepath.Join(moduleDir, "growth", "made", "cmd", "made", "main.go"): main,
	}})
	if err != nil {
		return err
	}
	overlayPath := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlayPath, overlay, 0o600); err != nil {
		return err
	}
	p.Program, err = importcost.Build(ctx, moduleDir, "./growth/made/cmd/made", dir, "-overlay="+overlayPath)
	return err
}
