package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
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
	var texts []string
	if inside != "" {
		texts = strings.SplitN(inside, ",", max(1, fn.NumIn()))
	}
	if len(texts) != fn.NumIn() || slices.Contains(texts, "") {
		return nil, errors.New("the values in brackets are not those that it takes; -h lists them")
	}
	for i, text := range texts {
		text = strings.TrimSpace(text)
		var v any = text
		switch fn.In(i) {
		case reflect.TypeFor[int]():
			v, err = strconv.Atoi(text)
		case reflect.TypeFor[time.Duration]():
			v, err = time.ParseDuration(text)
		case reflect.TypeFor[portaltest.Fault]():
			v, err = parseFault(text)
		default:
			if unquoted, notQuoted := strconv.Unquote(text); notQuoted == nil {
				v = unquoted
			}
		}
		if err != nil {
			return nil, err
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
