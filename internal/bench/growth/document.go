package growth

import (
	"bytes"
	"fmt"
)

type object = map[string]any

// Document is a made-up OpenAPI document with n operations. Each has schemas of its own, about as large as
// those of createMeldCustomer; every second is a search with query parameters.
func Document(n int) object {
	paths, schemas := object{}, object{"Error": properties("error")}
	for i := range n {
		name := fmt.Sprintf("Thing%d", i)
		schemas[name] = thing(name)
		schemas[name+"Details"] = properties("lineOne", "lineTwo", "city", "region", "postalCode", "country")
		schemas[name+"Response"] = object{"type": "object", "properties": object{"data": reference(name)}}
		schemas[name+"Request"] = thing(name)
		operation := object{
			"operationId": operationID(i),
			"summary":     "Operation " + name,
			"responses": object{
				"200": reply(name + "Response"), "400": reply("Error"), "401": reply("Error"), "404": reply("Error"),
			},
		}
		method := "post"
		if i%2 == 1 {
			method = "get"
			operation["parameters"] = []object{query("limit"), query("status"), query("country")}
		} else {
			operation["requestBody"] = object{"content": content(name + "Request")}
		}
		paths["/things/"+name] = object{method: operation}
	}
	return object{
		"openapi":    "3.1.0",
		"info":       object{"title": "Things", "version": "1"},
		"paths":      paths,
		"components": object{"schemas": schemas},
	}
}

func operationID(i int) string { return fmt.Sprintf("useThing%d", i) }

func thing(name string) object {
	s := properties("id", "accountId", "externalId", "email", "phone", "dateOfBirth")
	p := s["properties"].(object)
	p["status"] = object{"type": "string", "enum": []string{"ACTIVE", "INACTIVE"}}
	p["addresses"] = object{"type": "array", "items": reference(name + "Details")}
	p["serviceProviders"] = object{"type": "object", "additionalProperties": true}
	return s
}

func properties(names ...string) object {
	p := object{}
	for _, name := range names {
		p[name] = object{"type": "string"}
	}
	return object{"type": "object", "properties": p}
}

func reference(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func content(name string) object {
	return object{"application/json": object{"schema": reference(name)}}
}

func reply(name string) object { return object{"description": name, "content": content(name)} }

func query(name string) object {
	return object{"name": name, "in": "query", "schema": object{"type": "string"}}
}

// program uses the generated package as the wrapper does: it holds a table of all parsers, and a client
// whose methods are reached through an interface.
func program(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`package main

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/portalclient/portal-client-go/internal/bench/growth/made"
)

var parsers = [...]func(*http.Response) (any, error){
`)
	for i := range n {
		fmt.Fprintf(&b, "\tfunc(r *http.Response) (any, error) { return made.ParseUseThing%dResponse(r) },\n", i)
	}
	b.WriteString(`}

func main() {
	client, err := made.NewClientWithResponses(os.Getenv("PORTAL_BASE_URL"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	resp, err := client.UseThing0WithResponse(context.Background(), made.Thing0Request{Email: "jane@example.com"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	parsed, err := parsers[0](resp.HTTPResponse)
	fmt.Println(parsed, err)
}
`)
	return b.Bytes()
}
