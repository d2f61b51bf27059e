package main

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// faults are the functions that make one, by the names that they have in portaltest.
var faults = map[string]any{
	"Status": portaltest.Status, "Redirect": portaltest.Redirect, "ErrorObject": portaltest.ErrorObject,
	"ConflictWithoutID": portaltest.ConflictWithoutID, "Garbage": portaltest.Garbage, "ContentType": portaltest.ContentType,
	"CutBody": portaltest.CutBody, "EndlessBody": portaltest.EndlessBody, "Drip": portaltest.Drip,
	"DropBefore": portaltest.DropBefore, "DropAfter": portaltest.DropAfter, "Silent": portaltest.Silent,
	"TokenExpired": portaltest.TokenExpired, "Delay": portaltest.Delay, "Pass": portaltest.Pass,
}

// parseFault reads a fault as portaltest writes it, such as Delay(1s).Then(Status(503).RetryAfter(2s)): what follows
// a dot is a method of the fault.
func parseFault(text string) (f portaltest.Fault, err error) {
	for i, part := range split(text) {
		name, inside, brackets := strings.Cut(strings.TrimSpace(part), "(")
		inside, closed := strings.CutSuffix(inside, ")")
		if brackets && !closed {
			return f, fmt.Errorf("%q lacks its closing bracket", part)
		}
		fn := reflect.ValueOf(faults[name])
		if i > 0 {
			fn = reflect.ValueOf(f).MethodByName(name)
		}
		if !fn.IsValid() || fn.Type().Out(0) != reflect.TypeFor[portaltest.Fault]() {
			return f, fmt.Errorf("there is no fault or change of one %q; -h lists them", name)
		}
		in, err := arguments(fn.Type(), inside)
		if err != nil {
			return f, fmt.Errorf("%s: %w", name, err)
		}
		f, _ = fn.Call(in)[0].Interface().(portaltest.Fault)
	}
	return f, nil
}

// arguments reads what stands in the brackets of a call, for the parameters of a function.
func arguments(fn reflect.Type, inside string) (all []reflect.Value, err error) {
	n := fn.NumIn()
	if n == 0 && inside != "" {
		return nil, errors.New("takes nothing in brackets")
	}
	texts := strings.SplitN(inside, ",", n)
	if inside == "" || len(texts) < n {
		texts = make([]string, n)
	}
	for i, text := range texts {
		text = strings.TrimSpace(text)
		if unquoted, err := strconv.Unquote(text); err == nil {
			text = unquoted
		}
		var v any = text
		what := "a value"
		switch fn.In(i) {
		case reflect.TypeFor[int]():
			v, err = strconv.Atoi(text)
			what = "a whole number"
		case reflect.TypeFor[time.Duration]():
			v, err = time.ParseDuration(text)
			what = "a duration such as 2s"
		case reflect.TypeFor[portaltest.Fault]():
			if v, err = parseFault(text); text != "" && err != nil {
				return nil, err
			}
		}
		if text == "" || err != nil {
			if n > 1 {
				what = "two values with a comma between them, here " + what
			}
			return nil, fmt.Errorf("needs %s in brackets", what)
		}
		all = append(all, reflect.ValueOf(v))
	}
	return all, nil
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
