package portal

import (
	"context"
	"iter"
	"reflect"
)

// pages iterates over the items of an operation that answers page by page. begin starts an iteration and returns what
// asks for one page after the other: next is what the page before said of the one after it, "" for the first; a page
// that says nothing, or holds nothing, is the last. An API that sends a page again would never end: that is an error.
func pages[T any](ctx context.Context, op *operation, begin func(context.Context) (ask func(next string) (items []T, following string, err error))) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var next string
		var before []T
		ctx, sequence := inSequence(ctx)
		for ask := begin(ctx); ; {
			items, following, err := ask(next)
			if err == nil && len(items) > 0 && reflect.DeepEqual(items, before) {
				err = op.newError(sequence.last, ErrUnusableResponse, "the API repeats a page instead of sending the next one")
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if following == "" || len(items) == 0 {
				return
			}
			next, before = following, items
		}
	}
}

// turn moves an offset past the items of a page. It returns a text when there may be a page after it: the total was not
// reached or, where that is not known, the page is not shorter than its limit. What is not known is 0, or less.
func turn(offset **int, items, limit, total int) string {
	*offset = new(valueOf(*offset) + items)
	if total <= 0 && items < limit || total > 0 && **offset >= total {
		return ""
	}
	return "next"
}

// valueOf is what p points to, the zero value for nil.
func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
