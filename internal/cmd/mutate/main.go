// Command mutate tells how much of a package its tests would notice: it makes one small change after the other
// (a mutant), and runs the tests with each. A mutant that no test fails with has survived.
//
//	go run ./internal/cmd/mutate [-every 5] [-first 0] [-p 2] ./wrapper [arguments of the test binary]
//
// All mutants are compiled into one test binary, which is told by the environment which one to be: for each, it has
// another copy of the function that is changed. The tree is not touched.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

var (
	every   = flag.Int("every", 1, "try every nth mutant only")
	first   = flag.Int("first", 0, "begin with the nth mutant")
	workers = flag.Int("p", 2, "mutants that are tried at the same time")
	only    = flag.String("run", "", "try the mutants only whose description matches this expression")
	timeout = flag.Duration("timeout", 2*time.Minute, "how long the tests may take with one mutant")
)

// The tests are run in steps, and only a mutant that survives one meets the next: the quick ones come first.
var steps = [][]string{
	{"-test.skip=" + slow},
	{"-test.run=" + slow},
}

const slow = "Storm|Quota|IsBounded|Panics|Connection|TestSequences$|SequencesOfTwo"

// required is how many mutants of a hundred must not survive.
const required = 95

func main() {
	log.SetFlags(0)
	log.SetPrefix("mutate: ")
	flag.Parse()
	if flag.NArg() == 0 {
		log.Fatal("name a package, such as ./wrapper")
	}
	if err := run(context.Background(), flag.Arg(0), flag.Args()[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, pkg string, args []string) error {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p, err := load(ctx, pkg)
	if err != nil {
		return err
	}
	binary := filepath.Join(dir, "test")
	for {
		if err := p.write(dir); err != nil {
			return err
		}
		output, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"), "-gcflags=-e", "-o", binary, pkg).CombinedOutput()
		if err == nil {
			break
		}
		if !p.dropBroken(string(output)) {
			return fmt.Errorf("the mutants do not compile:\n%s", output)
		}
	}
	chosen := regexp.MustCompile(*only)
	var mutants []*mutant
	for i, m := range p.mutants {
		if i >= *first && (i-*first)%*every == 0 && chosen.MatchString(m.String()) {
			mutants = append(mutants, m)
		}
	}
	log.Printf("%s: %d of %d mutants", pkg, len(mutants), len(p.mutants))
	for i, step := range steps {
		steps[i] = append(step, args...)
		if output, survived := try(ctx, binary, p.dir, nil, steps[i]); !survived {
			return fmt.Errorf("the tests fail without any mutant:\n%s", output)
		}
	}
	return report(mutants, func(m *mutant) bool {
		for _, step := range steps {
			if _, survived := try(ctx, binary, p.dir, m, step); !survived {
				return false
			}
		}
		return true
	})
}

// report tries the mutants and tells which ones have survived.
func report(mutants []*mutant, survives func(*mutant) bool) error {
	var wait sync.WaitGroup
	queue := make(chan *mutant)
	for range *workers {
		wait.Go(func() {
			for m := range queue {
				if m.survived = survives(m); m.survived {
					log.Print("SURVIVED ", m, cmp.Or(reasons()[m.key()], "\n\tFind out why: either a test is missing, or code that does nothing can go, or write the reason into survivors.txt."))
				}
			}
		})
	}
	for _, m := range mutants {
		queue <- m
	}
	close(queue)
	wait.Wait()
	dead := len(mutants)
	for _, m := range mutants {
		if m.survived {
			dead--
		}
	}
	fmt.Printf("%d of %d mutants died, %.1f %%\n", dead, len(mutants), 100*float64(dead)/float64(max(1, len(mutants))))
	if dead*100 < len(mutants)*required {
		return fmt.Errorf("fewer than %d %% died: the tests do not notice enough", required)
	}
	return nil
}

// try runs tests with a mutant, nil for none.
func try(ctx context.Context, binary, dir string, m *mutant, args []string) (output []byte, survived bool) {
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{"-test.failfast", "-test.timeout=" + timeout.String()}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "MUTANT=0")
	if m != nil {
		cmd.Env = append(os.Environ(), "MUTANT="+strconv.Itoa(m.id))
	}
	output, err := cmd.CombinedOutput()
	return output, err == nil
}

// A mutant is one change of one function.
type mutant struct {
	id       int
	where    token.Position
	change   string
	source   string // the line that is changed
	survived bool
}

func (m *mutant) String() string {
	return fmt.Sprintf("%s:%d: %s: %s", filepath.Base(m.where.Filename), m.where.Line, m.change, m.source)
}

// key is the description without the line's number, which changes.
func (m *mutant) key() string {
	return fmt.Sprintf("%s: %s: %s", filepath.Base(m.where.Filename), m.change, m.source)
}

// reasons says of mutants why they may survive: most are no change that a caller can see.
var reasons = sync.OnceValue(func() map[string]string {
	all, reason := map[string]string{}, ""
	for line := range strings.Lines(survivors) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "# ") {
			reason = "\n\t" + line
		} else if line != "" {
			all[line] = reason
		}
	}
	return all
})

//go:embed survivors.txt
var survivors string

// write makes the overlay with the files that hold the mutants.
func (p *pkg) write(dir string) error {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	add := func(name string, content []byte) error {
		path := filepath.Join(dir, filepath.Base(name))
		overlay.Replace[name] = path
		return os.WriteFile(path, content, 0o600)
	}
	for _, f := range p.files {
		if err := add(f.name, f.text(p.broken)); err != nil {
			return err
		}
	}
	err := add(filepath.Join(p.dir, "mutant_gen.go"), []byte("package "+p.name+"\n\nimport (\"os\"; \"strconv\")\n\nvar mutant = func() int { n, _ := strconv.Atoi(os.Getenv(\"MUTANT\")); return n }()\n"))
	encoded, jsonErr := json.Marshal(overlay)
	return cmp.Or(err, jsonErr, os.WriteFile(filepath.Join(dir, "overlay.json"), encoded, 0o600))
}

// dropBroken drops the mutants that the compiler complains of, and reports whether there were any.
func (p *pkg) dropBroken(output string) (found bool) {
	for _, match := range regexp.MustCompile(`(?m)mutant(\d+):\d+`).FindAllStringSubmatch(output, -1) {
		id, _ := strconv.Atoi(match[1])
		found = found || !p.broken[id]
		p.broken[id] = true
	}
	p.mutants = slices.DeleteFunc(p.mutants, func(m *mutant) bool { return p.broken[m.id] })
	return found
}

// load reads the handwritten files of a package and makes the mutants.
func load(ctx context.Context, path string) (*pkg, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-json=Dir,Name,GoFiles", path).Output()
	if err != nil {
		return nil, err
	}
	var listed struct {
		Dir, Name string
		GoFiles   []string
	}
	if err := json.Unmarshal(output, &listed); err != nil {
		return nil, err
	}
	p := &pkg{dir: listed.Dir, name: listed.Name, fset: token.NewFileSet(), broken: map[int]bool{}}
	for _, name := range listed.GoFiles {
		if strings.HasSuffix(name, ".gen.go") {
			continue
		}
		err = errors.Join(err, p.mutate(filepath.Join(p.dir, name)))
	}
	return p, err
}
