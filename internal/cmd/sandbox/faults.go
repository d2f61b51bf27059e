package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// parseFault reads a fault as portaltest writes it, such as Delay(1s).Then(Status(503).RetryAfter(2s)).
func parseFault(text string) (portaltest.Fault, error) {
	var f portaltest.Fault
	for i, part := range split(text, '.') {
		name, inside, err := callOf(part)
		if err != nil {
			return f, err
		}
		a := &arguments{name: name, inside: inside}
		if i == 0 {
			f = a.fault()
		} else {
			f = a.modify(f)
		}
		if a.err == nil && !a.used && inside != nil {
			a.err = fmt.Errorf("%s takes nothing in brackets", name)
		}
		if a.err != nil {
			return f, a.err
		}
	}
	return f, nil
}

// fault makes the fault that a call names.
func (a *arguments) fault() portaltest.Fault {
	switch a.name {
	case "Status":
		return portaltest.Status(a.number())
	case "Redirect":
		code, location := a.pair()
		n, err := strconv.Atoi(code)
		a.expect(err == nil, "a status and a URL, such as Redirect(302, https://example.com/)")
		return portaltest.Redirect(n, location)
	case "ConflictWithoutID":
		return portaltest.ConflictWithoutID()
	case "ErrorObject":
		return portaltest.ErrorObject(a.number())
	case "Garbage":
		return portaltest.Garbage(a.number())
	case "ContentType":
		return portaltest.ContentType(a.text())
	case "CutBody":
		return portaltest.CutBody(a.number())
	case "EndlessBody":
		return portaltest.EndlessBody()
	case "Drip":
		return portaltest.Drip(a.duration())
	case "DropBefore":
		return portaltest.DropBefore()
	case "DropAfter":
		return portaltest.DropAfter()
	case "Silent":
		return portaltest.Silent()
	case "TokenExpired":
		return portaltest.TokenExpired()
	case "Delay":
		return portaltest.Delay(a.duration())
	case "Pass":
		return portaltest.Pass()
	}
	a.err = fmt.Errorf("there is no fault %q; -h lists them", a.name)
	return portaltest.Fault{}
}

// modify applies what comes after a dot.
func (a *arguments) modify(f portaltest.Fault) portaltest.Fault {
	switch a.name {
	case "RetryAfter":
		return f.RetryAfter(a.duration())
	case "Header":
		return f.Header(a.pair())
	case "Body":
		return f.Body(a.pair())
	case "AfterWork":
		return f.AfterWork()
	case "Always":
		return f.Always()
	case "Times":
		return f.Times(a.number())
	case "Then":
		next, err := parseFault(a.text())
		if a.err == nil {
			a.err = err
		}
		return f.Then(next)
	}
	a.err = fmt.Errorf("nothing is called .%s; -h lists what may follow a fault", a.name)
	return f
}

// arguments are what stands in the brackets of a call; inside is nil without brackets.
type arguments struct {
	name   string
	inside *string
	used   bool
	err    error
}

func (a *arguments) expect(ok bool, what string) {
	if !ok && a.err == nil {
		a.err = fmt.Errorf("%s needs %s in brackets", a.name, what)
	}
}

func (a *arguments) text() string {
	a.used = true
	a.expect(a.inside != nil && *a.inside != "", "a value")
	if a.inside == nil {
		return ""
	}
	if unquoted, err := strconv.Unquote(*a.inside); err == nil {
		return unquoted
	}
	return *a.inside
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

// callOf takes a name and its brackets apart.
func callOf(text string) (name string, inside *string, err error) {
	name, rest, brackets := strings.Cut(strings.TrimSpace(text), "(")
	if !brackets {
		return name, nil, nil
	}
	rest, closed := strings.CutSuffix(rest, ")")
	if !closed {
		return name, nil, fmt.Errorf("%q lacks its closing bracket", text)
	}
	rest = strings.TrimSpace(rest)
	return name, &rest, nil
}

// split cuts a text at a separator that stands outside of all brackets.
func split(text string, at rune) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == at && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}
