package portal

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Pages are asked for one after the other, until one says that it is the last.
func TestPages(t *testing.T) {
	t.Parallel()
	errPage := errors.New("the third page")
	for name, tt := range map[string]struct {
		pages [][]int // one item each that is its number; nil is an error
		want  []int
		is    error
	}{
		"none":                         {[][]int{{}}, nil, nil},
		"one":                          {[][]int{{1, 2}}, []int{1, 2}, nil},
		"several":                      {[][]int{{1, 2}, {3}, {4}}, []int{1, 2, 3, 4}, nil},
		"an empty one ends":            {[][]int{{1}, {}, {2}}, []int{1}, nil},
		"an error ends":                {[][]int{{1}, {2}, nil}, []int{1, 2}, errPage},
		"a page that comes again":      {[][]int{{1}, {2}, {2}, {3}}, []int{1, 2}, ErrUnusableResponse},
		"the same items, reached late": {[][]int{{1}, {2}, {1}}, []int{1, 2, 1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := pages(t.Context(), &opTestRead, func(context.Context) func(string) ([]int, string, error) {
				return func(next string) ([]int, string, error) {
					i, _ := strconv.Atoi(next)
					if tt.pages[i] == nil {
						return nil, "", errPage
					}
					following := ""
					if i+1 < len(tt.pages) {
						following = strconv.Itoa(i + 1)
					}
					return tt.pages[i], following, nil
				}
			})
			for range 2 { // an iterator can be run again
				var got []int
				var last error
				for item, err := range list {
					if last = err; err == nil {
						got = append(got, item)
					}
				}
				require.Equal(t, tt.want, got)
				require.ErrorIs(t, last, tt.is)
			}
			for range list { //nolint:errcheck // only that it may be left
				break
			}
		})
	}
}

func TestTurn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		before, items, limit, total int
		after                       int
		more                        bool
	}{
		{0, 1, 1, 1, 1, false}, {0, 10, 10, 25, 10, true}, {10, 10, 10, 25, 20, true}, {20, 5, 10, 25, 25, false}, {15, 10, 10, 25, 25, false},
		{0, 5, 10, 25, 5, true}, {0, 5, 10, 5, 5, false}, // a short page that is not the last, and one that is
		{0, 5, 10, -1, 5, false}, {0, 10, 10, -1, 10, true}, // as some say that they do not know
		{0, 10, 0, 0, 10, true}, {0, 5, 10, 0, 5, false}, {0, 10, 10, 0, 10, true}, {0, 0, 10, 0, 0, false}, {5, 10, 0, 15, 15, false},
	} {
		offset := new(tt.before)
		require.Equal(t, tt.more, turn(&offset, tt.items, tt.limit, tt.total) != "", "%+v", tt)
		require.Equal(t, tt.after, *offset)
	}
	var offset *int
	require.NotEmpty(t, turn(&offset, 3, 3, 0))
	require.Equal(t, 3, *offset)
}

// Path parameters that are no texts are written in the style "simple" of OpenAPI.
func TestPathValue(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"7": 7, "true": true, "1.5": 1.5, "a,b": []string{"a", "b"}, "1,2": []int{1, 2}, "": []string{},
		"2026-11-27T08:00:00.5Z": time.Date(2026, 11, 27, 8, 0, 0, 5e8, time.UTC),
	} {
		require.Equal(t, want, pathValue(value))
	}
}
