package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// faults are those that a call names.
var faults = map[string]func(*arguments) portaltest.Fault{
	"Status":            func(a *arguments) portaltest.Fault { return portaltest.Status(a.number()) },
	"Redirect":          (*arguments).redirect,
	"ConflictWithoutID": func(*arguments) portaltest.Fault { return portaltest.ConflictWithoutID() },
	"ErrorObject":       func(a *arguments) portaltest.Fault { return portaltest.ErrorObject(a.number()) },
	"Garbage":           func(a *arguments) portaltest.Fault { return portaltest.Garbage(a.number()) },
	"ContentType":       func(a *arguments) portaltest.Fault { return portaltest.ContentType(a.text()) },
	"CutBody":           func(a *arguments) portaltest.Fault { return portaltest.CutBody(a.number()) },
	"EndlessBody":       func(*arguments) portaltest.Fault { return portaltest.EndlessBody() },
	"Drip":              func(a *arguments) portaltest.Fault { return portaltest.Drip(a.duration()) },
	"DropBefore":        func(*arguments) portaltest.Fault { return portaltest.DropBefore() },
	"DropAfter":         func(*arguments) portaltest.Fault { return portaltest.DropAfter() },
	"Silent":            func(*arguments) portaltest.Fault { return portaltest.Silent() },
	"TokenExpired":      func(*arguments) portaltest.Fault { return portaltest.TokenExpired() },
	"Delay":             func(a *arguments) portaltest.Fault { return portaltest.Delay(a.duration()) },
	"Pass":              func(*arguments) portaltest.Fault { return portaltest.Pass() },
}

// changes are what may come after a dot.
var changes = map[string]func(*arguments, portaltest.Fault) portaltest.Fault{
	"RetryAfter": func(a *arguments, f portaltest.Fault) portaltest.Fault { return f.RetryAfter(a.duration()) },
	"Header":     func(a *arguments, f portaltest.Fault) portaltest.Fault { return f.Header(a.pair()) },
	"Body":       func(a *arguments, f portaltest.Fault) portaltest.Fault { return f.Body(a.pair()) },
	"AfterWork":  func(_ *arguments, f portaltest.Fault) portaltest.Fault { return f.AfterWork() },
	"Always":     func(_ *arguments, f portaltest.Fault) portaltest.Fault { return f.Always() },
	"Times":      func(a *arguments, f portaltest.Fault) portaltest.Fault { return f.Times(a.number()) },
}

func init() { changes["Then"] = (*arguments).then } // it reads a fault itself

// parseFault reads a fault as portaltest writes it, such as Delay(1s).Then(Status(503).RetryAfter(2s)).
func parseFault(text string) (portaltest.Fault, error) {
	var f portaltest.Fault
	for i, part := range split(text) {
		name, inside, brackets := strings.Cut(strings.TrimSpace(part), "(")
		inside, closed := strings.CutSuffix(inside, ")")
		if brackets && !closed {
			return f, fmt.Errorf("%q lacks its closing bracket", part)
		}
		a := &arguments{name: name, inside: strings.TrimSpace(inside), given: brackets}
		fault, change := faults[name], changes[name]
		switch {
		case i == 0 && fault == nil:
			return f, fmt.Errorf("there is no fault %q; -h lists them", name)
		case i == 0:
			f = fault(a)
		case change == nil:
			return f, fmt.Errorf("nothing is called .%s; -h lists what may follow a fault", name)
		default:
			f = change(a, f)
		}
		if a.err == nil && !a.used && brackets {
			a.err = fmt.Errorf("%s takes nothing in brackets", name)
		}
		if a.err != nil {
			return f, a.err
		}
	}
	return f, nil
}

// arguments are what stands in the brackets of a call.
type arguments struct {
	name, inside string
	given, used  bool
	err          error
}

func (a *arguments) expect(ok bool, what string) {
	if !ok && a.err == nil {
		a.err = fmt.Errorf("%s needs %s in brackets", a.name, what)
	}
}

func (a *arguments) text() string {
	a.used = true
	a.expect(a.given && a.inside != "", "a value")
	if unquoted, err := strconv.Unquote(a.inside); err == nil {
		return unquoted
	}
	return a.inside
}

func (a *arguments) number() int {
	n, err := strconv.Atoi(a.text())
	a.expect(err == nil, "a whole number")
	return n
}

func (a *arguments) duration() time.Duration {
	d, err := time.ParseDuration(a.text())
	a.expect(err == nil, "a duration such as 2s")
	return d
}

func (a *arguments) pair() (first, second string) {
	first, second, ok := strings.Cut(a.text(), ",")
	a.expect(ok, "two values with a comma between them")
	return strings.TrimSpace(first), strings.TrimSpace(second)
}

func (a *arguments) redirect() portaltest.Fault {
	code, location := a.pair()
	n, err := strconv.Atoi(code)
	a.expect(err == nil, "a status and a URL, such as Redirect(302, https://example.com/)")
	return portaltest.Redirect(n, location)
}

func (a *arguments) then(f portaltest.Fault) portaltest.Fault {
	next, err := parseFault(a.text())
	if a.err == nil {
		a.err = err
	}
	return f.Then(next)
}

// split cuts a text at the dots that stand outside of all brackets.
func split(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == '.' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}
