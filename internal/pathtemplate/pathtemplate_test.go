package pathtemplate_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/portalclient/portal-client-go/internal/pathtemplate"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		template, path string
		values         []string
		ok             bool
	}{
		{"", "", nil, true},
		{"/a", "/a", nil, true},
		{"/a", "/b", nil, false},
		{"/a", "/a/", nil, false},
		{"/a/", "/a", nil, false},
		{"/a", "/A", nil, false},
		{"/a", "/%61", nil, true},
		{"/a", "/%41", nil, false},
		{"/a:b", "/a%3Ab", nil, true},
		{"/a:b", "/a%3ab", nil, true},
		{"/a b", "/a%20b", nil, true},
		{"/é", "/%C3%A9", nil, true},
		{"/a%20b", "/a%20b", nil, true},
		{"/a/b", "/a%2Fb", nil, false},
		{"/a%2Fb", "/a%2fb", nil, true},
		{"/a%2Fb", "/a/b", nil, false},
		{"/a", "/a%", nil, false},
		{"/a/{x}", "/a/1", []string{"1"}, true},
		{"/a/{x}", "/a/", nil, false},
		{"/a/{x}", "/a", nil, false},
		{"/a/{x}", "/a/1/", nil, false},
		{"/a/{x}", "/a/1/2", nil, false},
		{"/a/{x}", "/a/1%2F2", []string{"1%2F2"}, true},
		{"/a/{x}", "/a/eip155%3A1", []string{"eip155%3A1"}, true},
		{"/a/{x}", "/a/..", []string{".."}, true},
		{"/a/{x}/b", "/a/1/b", []string{"1"}, true},
		{"/a/{x}/b", "/a//b", nil, false},
		{"/a/{x}/b/{y}", "/a/1/b/2", []string{"1", "2"}, true},
		{"/{x}/{y}", "/1/2", []string{"1", "2"}, true},
		{"/{x}.json", "/1.json", []string{"1"}, true},
		{"/{x}.json", "/1%2Ejson", []string{"1"}, true},
		{"/{x}.json", "/a.json.json", []string{"a.json"}, true},
		{"/{x}.json", "/.json", nil, false},
		{"/{x}.json", "/1.xml", nil, false},
		{"/{x}.json", "/a/b.json", nil, false},
		{"/v{x}-{y}", "/v1-2-3", []string{"1-2", "3"}, true},
		{"/{x}2", "/%32", nil, false}, // the 2 belongs to an escape
		{"/{x}2", "/%322", []string{"%32"}, true},
		{"/{x}:run", "/job:run", []string{"job"}, true},
		{"/{x", "/1", nil, false},
	} {
		values, ok := pathtemplate.Match(test.template, test.path)
		require.Equal(t, test.ok, ok, "%s %s", test.template, test.path)
		require.Equal(t, test.values, values, "%s %s", test.template, test.path)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	want := []string{"/a/b", "/a", "/c", "/{x}.json", "/a/{x}", "/c/{x}", "/{x}", "/{y}", "/a/{x}/{y}", "/{x}/{y}"}
	for seed := range want {
		got := slices.Concat(want[seed:], want[:seed])
		slices.Reverse(got)
		slices.SortFunc(got, pathtemplate.Compare)
		require.Equal(t, want, got)
	}
}

// FuzzMatch puts any values into a template: they come out again. A path that was not made so either does not
// match, or gives values that make it again.
func FuzzMatch(f *testing.F) {
	f.Add("/a/{x}/b/{y}", "eip155:1", "%2F", "/a/1/b/2")
	f.Add("/{x}.json", "a.json", "", "/.json")
	f.Add("/v1:run/{x}", "..", "é", "/v1%3Arun/%")
	f.Fuzz(func(t *testing.T, template, x, y, path string) {
		values, ok := pathtemplate.Match(template, path)
		for _, v := range values {
			if v == "" || strings.Contains(v, "/") {
				t.Fatalf("%q with %q: value %q", template, path, v)
			}
		}
		if params := strings.Count(template, "{"); ok && strings.Count(template, "}") == params && len(values) != params {
			t.Fatalf("%q with %q: %d values, not %d", template, path, len(values), params)
		}

		filled := "/p/" + url.PathEscape(x) + "/q/" + url.PathEscape(y) + ".json"
		values, ok = pathtemplate.Match("/p/{x}/q/{y}.json", filled)
		if ok != (x != "" && y != "") {
			t.Fatalf("%q: %v", filled, ok)
		}
		if ok && (values[0] != url.PathEscape(x) || values[1] != url.PathEscape(y)) {
			t.Fatalf("%q: %q", filled, values)
		}
		if pathtemplate.Compare(template, path) != -pathtemplate.Compare(path, template) {
			t.Fatalf("%q and %q have no order", template, path)
		}
	})
}
