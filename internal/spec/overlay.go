package spec

import (
	"maps"
	"reflect"
	"slices"
)

// Overlay returns an OpenAPI overlay that makes one document of another. It removes what is gone or has another value, and
// puts in what is new: an update cannot replace a list.
func Overlay(before, after Object) Object {
	return Object{
		"overlay": "1.0.0", "x-speakeasy-jsonpath": "rfc9535",
		"info":    Object{"title": "What the additions and the rules change", "version": "1.0.0"},
		"actions": actions("$", before, after),
	}
}

// actions makes one object of another; at is the JSONPath of the object.
func actions(at string, before, after Object) (all []Object) {
	update := Object{}
	for _, key := range slices.Sorted(maps.Keys(Union(before, after))) {
		was, had := before[key]
		is, has := after[key]
		old, wasObject := was.(Object)
		now, isObject := is.(Object)
		switch {
		case wasObject && isObject:
			all = append(all, actions(at+member(key), old, now)...)
			continue
		case had && has && reflect.DeepEqual(was, is):
			continue
		case had:
			all = append(all, Object{"target": at + member(key), "remove": true})
		}
		if has {
			update[key] = is
		}
	}
	if len(update) > 0 {
		all = append(all, Object{"target": at, "update": update})
	}
	return all
}
