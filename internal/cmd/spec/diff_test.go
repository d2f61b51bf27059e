package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What an update refuses, with the same report, is in TestUpdateRefuses.
func TestDiff(t *testing.T) {
	t.Parallel()
	before := treeSum(t, shared)
	tests := map[string]struct {
		patch string
		code  int
		want  map[string][]string // in each section
		not   map[string][]string
	}{
		"adds an operation": {patch: "adds-operation.yaml", code: 0,
			want: map[string][]string{
				"1": {"the candidate as it is: valid OpenAPI 3.1.0", "with the overlay applied: valid"},
				"2": {"+ GET /clients/me/chains/{chain}/assets (getWalletAssets): added", "all of it comes from the document itself"},
				"3": {"+ WalletAssets: added", "the interfaces of the client grow by 2 methods"},
				"4": {"every action still fits"},
				"5": {"v0.3.1 -> v0.4.0 (a minor step)"},
			},
			not: map[string][]string{"2": {"!"}, "3": {"!"}}},
		"renames a field": {patch: "renames-field.yaml", code: 1,
			want: map[string][]string{
				"2": {"! removed the required property `data/externalId`", "[overlay]"},
				"3": {"! MeldCustomer.ExternalID: removed", "+ MeldCustomer.Reference: added"},
				"5": {"v0.3.1 -> v0.4.0 (a major step; before 1.0.0"},
			}},
		"makes the conflict's ID required": {patch: "requires-conflict-id.yaml", code: 0,
			want: map[string][]string{
				"2": {"`details/meldCustomerId` became required for the status `409`"},
				"3": {"no exported name changes"},
				"5": {"v0.3.1 -> v0.3.2 (a patch step)"},
			},
			not: map[string][]string{"2": {"!"}}},
		"removes an operation": {patch: "removes-operation.yaml", code: 1,
			want: map[string][]string{
				"2": {"! POST /clients/me/integrations/meld/customers (createMeldCustomer): removed", "+ GET /clients/me (getClient): added"},
				"3": {"undefined: api.MeldCreateCustomerRequest", "! MeldCreateCustomerRequest: removed"},
				"4": {"! action 1 matches nothing", "find where the document has it now"},
			}},
		"renames a schema of the overlay": {patch: "renames-schema.yaml", code: 1,
			want: map[string][]string{
				"2": {"removed the schema `ErrorResponse`"},
				"3": {"JSON400: changed from *ErrorResponse to *Failure", "+ Failure: added"},
				"4": {"refers to nothing: #/components/schemas/ErrorResponse", "refer to it as well", "refer to what the document has in its place"},
			},
			not: map[string][]string{"2": {"(getMeldCustomer)"}, "3": {"does not compile"}}},
		"defies the generator": {patch: "defies-generator.yaml", code: 1,
			want: map[string][]string{
				"3": {"! go generate ./... fails", "may not contain a backtick", "what to do: the generator refuses a name"},
			}},
		"rewords": {patch: "rewords.yaml", code: 0,
			want: map[string][]string{
				"2": {"POST /clients/me/integrations/meld/customers (createMeldCustomer): only descriptions"},
				"3": {"no exported name changes"},
				"5": {"v0.3.1 -> v0.3.2 (a patch step)"},
			}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, "diff", "-repo", shared, candidate(t, test.patch))
			for number, parts := range test.want {
				for _, part := range parts {
					require.Contains(t, section(t, got.stdout, number), part)
				}
			}
			for number, parts := range test.not {
				for _, part := range parts {
					require.NotContains(t, section(t, got.stdout, number), part)
				}
			}
			require.Equal(t, test.code, got.code, got.stdout)
			require.Empty(t, got.stderr)
			require.Equal(t, before, treeSum(t, shared), "the repository has changed")
		})
	}
}

// What is wrong without the candidate is not the candidate's fault.
func TestDiffBlamesTheRepository(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ file, text, want string }{
		"it does not compile":      {"wrapper/broken.go", "package portal\n\nvar _ = undefined\n", "the code compiles neither without the candidate nor with it:\n# github.com/portalclient/portal-client-go/wrapper\nwrapper/broken.go:3:9: undefined"},
		"it cannot be generated":   {"oapi-codegen.yaml", "package: 1 2\n", "the code cannot be generated as it is, without the candidate: go generate ./... failed:\n"},
		"its overlay is not valid": {"openapi/overlay.yaml", "overlay: 1.0.0\n", "the overlay is not valid: overlay info version must be defined; overlay"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo := checkout(t)
			require.NoError(t, os.WriteFile(filepath.Join(repo, test.file), []byte(test.text), 0o644))
			got := run(t, "diff", "-repo", repo, candidate(t, "rewords.yaml"))
			require.Equal(t, 2, got.code)
			require.Contains(t, got.stderr, test.want)
		})
	}
}

func TestDiffJSON(t *testing.T) {
	t.Parallel()
	got := run(t, "diff", "-repo", shared, "-json", "-version", "v1.4.2", candidate(t, "defines-get-customers.yaml"))
	require.Equal(t, 1, got.code)
	var report struct {
		Candidate struct{ SHA256, Version string }
		Overlay   []struct {
			Action int
			Kind   string
			Misfit bool
		}
		Changes struct {
			Operations []struct {
				Operation, OperationID, State string
				Adopted                       bool
				Changes                       []struct{ Level, Text, Origin, ID string }
			}
		}
		Go struct {
			Packages []struct {
				Package      string
				Incompatible []string
			}
		}
		Version  struct{ Step, Current, Next string }
		Breaks   []string
		ExitCode int
	}
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report))
	require.Len(t, report.Candidate.SHA256, 64)
	require.Equal(t, "3.0", report.Candidate.Version)
	require.Equal(t, "merges into the document's own", report.Overlay[0].Kind)
	require.True(t, report.Overlay[0].Misfit)
	require.Len(t, report.Changes.Operations, 1)
	operation := report.Changes.Operations[0]
	require.Equal(t, "GET /clients/me/integrations/meld/customers", operation.Operation)
	require.Equal(t, "getMeldCustomer", operation.OperationID)
	require.True(t, operation.Adopted)
	require.Equal(t, "breaks", operation.Changes[0].Level)
	require.Equal(t, "document", operation.Changes[0].Origin)
	require.Equal(t, "api", report.Go.Packages[0].Package)
	require.Contains(t, report.Go.Packages[0].Incompatible, "MeldCustomerSearchResponse: removed")
	require.Equal(t, struct{ Step, Current, Next string }{"major", "v1.4.2", "v2.0.0"}, report.Version)
	require.NotEmpty(t, report.Breaks)
	require.Equal(t, 1, report.ExitCode)
}

func TestDiffInvalid(t *testing.T) {
	t.Parallel()
	got := run(t, "diff", "-repo", shared, candidate(t, "invalid.yaml"))
	require.Equal(t, 2, got.code)
	require.Contains(t, section(t, got.stdout, "1"), `unsupported 'type' value "sting"`)
	require.Contains(t, section(t, got.stdout, "1"), "a short description of the response is required")
	require.Regexp(t, `^spec diff: could not tell: \S+ is not valid OpenAPI 3\.1\.0: .*\n$`, got.stderr)
}

// What cannot be told takes one line.
func TestDiffUncertain(t *testing.T) {
	t.Parallel()
	valid := "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
	tests := map[string]struct{ text, want string }{
		"no YAML":             {"a: [", "is not YAML"},
		"just text":           {"hello", "is not an OpenAPI document: it is not a mapping"},
		"another document":    {"kind: Pod", "is not an OpenAPI document: it has no openapi version"},
		"Swagger":             {"swagger: '2.0'", "is Swagger 2.0; OpenAPI 3 is needed"},
		"an overlay":          {"overlay: 1.0.0", "is an OpenAPI Overlay, not an OpenAPI document"},
		"version 4":           {"openapi: 4.0.0", "is OpenAPI 4.0.0; OpenAPI 3 is needed"},
		"empty":               {"", "it is not a mapping"},
		"a network ref":       {valid + "paths:\n  /a:\n    $ref: https://example.com/a.yaml#/a\n", "refers to another document in line 5 (https://example.com/a.yaml#/a); bundle it"},
		"a file ref":          {valid + "components: {schemas: {A: {$ref: 'other.yaml#/A'}}}\n", "refers to another document in line 3 (other.yaml#/A)"},
		"a ref to nothing":    {valid + "components: {schemas: {A: {$ref: '#/components/schemas/B'}}}\n", "cannot be read as OpenAPI"},
		"an anchor in itself": {valid + "x-a: &a {b: *a}\n", "contains itself"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, "diff", "-repo", shared, writeFile(t, "new.yaml", test.text))
			require.Equal(t, 2, got.code)
			require.Empty(t, got.stdout)
			require.Contains(t, got.stderr, test.want)
			require.Regexp(t, `^spec diff: [^\n]+\n$`, got.stderr)
		})
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"nothing":                {nil, 2, "usage:"},
		"an unknown command":     {[]string{"dif"}, 2, `there is no command "dif"`},
		"an unknown flag":        {[]string{"diff", "-x"}, 2, "-x"},
		"help":                   {[]string{"diff", "-h"}, 0, "usage:"},
		"no document":            {[]string{"diff"}, 2, "name one document, as in: make spec-diff SPEC="},
		"two documents":          {[]string{"diff", "a", "b"}, 2, "one document, not 2"},
		"a missing file":         {[]string{"diff", "-repo", shared, "nowhere.yaml"}, 2, "there is no file nowhere.yaml"},
		"a folder":               {[]string{"diff", "-repo", shared, "openapi"}, 2, "cannot read openapi"},
		"an address":             {[]string{"diff", "-repo", shared, "https://example.com/a.yaml"}, 2, "is an address; download the document"},
		"no repository":          {[]string{"diff", "-repo", t.TempDir(), "a"}, 2, "is not in a checkout of"},
		"a version that is none": {[]string{"diff", "-repo", shared, "-version", "1.2", "a"}, 2, "no version of the form v1.2.3"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, test.args...)
			require.Equal(t, test.code, got.code)
			require.Empty(t, got.stdout)
			require.Contains(t, got.stderr, test.want)
		})
	}
}

func TestDiffIdentical(t *testing.T) {
	t.Parallel()
	// A relative name starts at the folder given with -repo, which may lie below the root.
	got := run(t, "diff", "-repo", shared+"/openapi", "client-api.yaml")
	require.Equal(t, 0, got.code, got.stdout)
	require.Contains(t, section(t, got.stdout, "1"), "byte for byte")
	require.Contains(t, section(t, got.stdout, "5"), "none: nothing changes")
}

func TestOverlayCheck(t *testing.T) {
	t.Parallel()
	got := run(t, "overlay-check", "-repo", shared)
	require.Equal(t, result{0, "openapi/overlay.yaml fits openapi/client-api.yaml\n", ""}, got)

	got = run(t, "overlay-check", "-repo", shared, candidate(t, "defines-get-customers.yaml"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stdout, "openapi/overlay.yaml: error: action 1 merges into the document's own: GET /clients/me/integrations/meld/customers\n"+
		"  target:      $.paths['/clients/me/integrations/meld/customers']\n  description: The 409 of createMeldCustomer")
	require.Contains(t, got.stderr, "no longer fits")

	got = run(t, "overlay-check", "-repo", shared, writeFile(t, "new.yaml", "a: ["))
	require.Equal(t, 2, got.code)
	require.Contains(t, got.stderr, "the document is not YAML")
}
