package portaltest_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/portalclient/portal-client-go/api"
	portal "github.com/portalclient/portal-client-go/wrapper"
	"github.com/portalclient/portal-client-go/wrapper/portaltest"
)

// get asks the server without any client, and says what came back.
func get(srv *portaltest.Server, path, token string) string {
	a, err := try(srv, http.MethodGet, path, token, "")
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(a.Status, " ", a.Body)
}

// served is the code under test: it lists the countries where people can buy crypto.
func served(ctx context.Context, client *portal.Client) (names []string, err error) {
	countries, err := client.GetMeldCountries(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, country := range countries.Data {
		names = append(names, country.Name)
	}
	return names, nil
}

func ExampleHandler_Answer() {
	inTest(func(t *fakeT) { // func TestServed(t *testing.T) {
		fake := portaltest.NewServer(t)
		fake.Answer("getMeldCountries", api.MeldCountriesResponse{
			Data: []api.MeldCountry{{CountryCode: "NZ", Name: "New Zealand"}},
		})
		fake.Fail("getMeldCountries", portaltest.Status(503)) // the first request; the client repeats it

		names, err := served(t.Context(), fake.Client("jane")) // your code

		fmt.Println(names, err)
	})
	// Output: [New Zealand] <nil>
}

func ExampleHandler_ClearAnswers() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.AnswerFunc("getMeldCountries", func(portaltest.Request) (int, any) { return 404, nil })
		srv.ClearAnswers("getMeldCountries")
		fmt.Println(get(srv, "/clients/me/integrations/meld/discovery/countries?countryCode=XX", "jane"))
	})
	// Output: 200 {"data":[]}
}

func ExampleHandler_AnswerFunc() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		srv.AnswerFunc("getMeldCountries", func(r portaltest.Request) (int, any) {
			return 429, map[string]any{"error": "too many requests for " + r.Query.Get("countryCode")}
		})
		fmt.Println(get(srv, "/clients/me/integrations/meld/discovery/countries?countryCode=DE", "jane"))
	})
	// Output: 429 {"error":"too many requests for DE"}
}

func ExampleRequest_PathValue() {
	inTest(func(t *fakeT) {
		srv := portaltest.NewServer(t)
		get(srv, "/clients/me/integrations/meld/retail/transactions/a%2Fb", "jane")
		fmt.Println(srv.Requests()[0].PathValue("id"))
	})
	// Output: a/b
}
