package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// A floor is what anything more general is measured by: each call by hand, with net/http and encoding/json,
// and with the types that a careful engineer writes down for it.
type floor struct {
	base   string
	client *http.Client
}

// send sends a body, nil for none, and reads the answer to its end.
func (f *floor) send(ctx context.Context, method, path string, body any) (status int, answer []byte, err error) {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, f.base+path, payload)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

type (
	floorName struct {
		FirstName string `json:"firstName,omitempty"`
		LastName  string `json:"lastName,omitempty"`
	}
	floorRequest struct {
		Name        floorName `json:"name"`
		Email       string    `json:"email,omitempty"`
		Phone       string    `json:"phone,omitempty"`
		DateOfBirth string    `json:"dateOfBirth,omitempty"`
		Type        string    `json:"type,omitempty"`
	}
	floorCustomer struct {
		Data struct {
			ID          string    `json:"id"`
			AccountID   string    `json:"accountId"`
			ExternalID  string    `json:"externalId"`
			Name        floorName `json:"name"`
			Email       string    `json:"email"`
			Phone       string    `json:"phone"`
			DateOfBirth string    `json:"dateOfBirth"`
			Type        string    `json:"type"`
			Status      string    `json:"status"`
			Addresses   []struct {
				ID             string `json:"id"`
				CustomerID     string `json:"customerId"`
				Type           string `json:"type"`
				Status         string `json:"status"`
				AddressDetails struct {
					LineOne    string `json:"lineOne"`
					LineTwo    string `json:"lineTwo"`
					City       string `json:"city"`
					Region     string `json:"region"`
					PostalCode string `json:"postalCode"`
					Country    string `json:"country"`
				} `json:"addressDetails"`
			} `json:"addresses"`
			ServiceProviders map[string]any `json:"serviceProviders"`
		} `json:"data"`
	}
	floorConflict struct {
		Error   string `json:"error"`
		Details struct {
			MeldCustomerID string `json:"meldCustomerId"`
		} `json:"details"`
	}
	floorCountries struct {
		Data []struct {
			CountryCode  string `json:"countryCode"`
			Name         string `json:"name"`
			FlagImageURL string `json:"flagImageUrl"`
			Regions      []struct {
				RegionCode string `json:"regionCode"`
				Name       string `json:"name"`
			} `json:"regions"`
		} `json:"data"`
	}
	floorBalance struct {
		Balance    string `json:"balance"`
		RawBalance string `json:"rawBalance"`
		Decimals   int    `json:"decimals"`
		Name       string `json:"name"`
		Symbol     string `json:"symbol"`
		Metadata   struct {
			Logo             string      `json:"logo"`
			Thumbnail        string      `json:"thumbnail"`
			TokenAddress     string      `json:"tokenAddress"`
			VerifiedContract bool        `json:"verifiedContract"`
			TotalSupply      string      `json:"totalSupply"`
			RawTotalSupply   string      `json:"rawTotalSupply"`
			Percentage       json.Number `json:"percentageRelativeToTotalSupply"`
		} `json:"metadata"`
	}
	floorBalances struct {
		NativeBalance floorBalance   `json:"nativeBalance"`
		TokenBalances []floorBalance `json:"tokenBalances"`
	}
	floorToken struct {
		Address  string `json:"address"`
		Symbol   string `json:"symbol"`
		Decimals int    `json:"decimals"`
		ChainID  string `json:"chainId"`
		Name     string `json:"name"`
		CoinKey  string `json:"coinKey"`
		LogoURI  string `json:"logoURI"`
		PriceUSD string `json:"priceUSD"`
	}
	floorCost struct {
		Type        string     `json:"type"`
		Name        string     `json:"name"`
		Description string     `json:"description"`
		Percentage  string     `json:"percentage"`
		Price       string     `json:"price"`
		Estimate    string     `json:"estimate"`
		Limit       string     `json:"limit"`
		Amount      string     `json:"amount"`
		AmountUSD   string     `json:"amountUSD"`
		Included    bool       `json:"included"`
		Token       floorToken `json:"token"`
	}
	floorStep struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		Tool        string `json:"tool"`
		ToolDetails struct {
			Key     string `json:"key"`
			Name    string `json:"name"`
			LogoURI string `json:"logoURI"`
		} `json:"toolDetails"`
		Action struct {
			FromChainID string      `json:"fromChainId"`
			ToChainID   string      `json:"toChainId"`
			FromAmount  string      `json:"fromAmount"`
			FromToken   floorToken  `json:"fromToken"`
			ToToken     floorToken  `json:"toToken"`
			Slippage    json.Number `json:"slippage"`
			FromAddress string      `json:"fromAddress"`
			ToAddress   string      `json:"toAddress"`
		} `json:"action"`
		Estimate struct {
			Tool              string      `json:"tool"`
			FromAmount        string      `json:"fromAmount"`
			FromAmountUSD     string      `json:"fromAmountUSD"`
			ToAmount          string      `json:"toAmount"`
			ToAmountMin       string      `json:"toAmountMin"`
			ToAmountUSD       string      `json:"toAmountUSD"`
			ApprovalAddress   string      `json:"approvalAddress"`
			ExecutionDuration json.Number `json:"executionDuration"`
			FeeCosts          []floorCost `json:"feeCosts"`
			GasCosts          []floorCost `json:"gasCosts"`
		} `json:"estimate"`
		IncludedSteps      []floorStep    `json:"includedSteps"`
		TransactionRequest map[string]any `json:"transactionRequest"`
	}
)

// get asks for something that has to be there.
func (f *floor) get(ctx context.Context, path string, into any) error {
	status, body, err := f.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("status %d", status)
	}
	return json.Unmarshal(body, into)
}

func floorError(body []byte) error {
	var reply floorConflict
	return json.Unmarshal(body, &reply)
}

func createByHand(ctx context.Context, f *floor) (string, error) {
	status, body, err := f.send(ctx, http.MethodPost, "/clients/me/integrations/meld/customers", &floorRequest{
		Name:        floorName{FirstName: "Jane Margaret", LastName: "Doe"},
		Email:       "jane.margaret.doe@example.com",
		Phone:       "+14155550123",
		DateOfBirth: born.Format("2006-01-02"),
		Type:        "INDIVIDUAL",
	})
	switch {
	case err != nil:
		return "", err
	case status == http.StatusOK:
		var reply floorCustomer
		err := json.Unmarshal(body, &reply)
		return reply.Data.ID, err
	case status == http.StatusConflict:
		var reply floorConflict
		err := json.Unmarshal(body, &reply)
		return reply.Details.MeldCustomerID, err
	}
	return "", fmt.Errorf("status %d", status)
}

func quoteByHand(ctx context.Context, f *floor) (string, error) {
	status, body, err := f.send(ctx, http.MethodPost, "/clients/me/integrations/lifi/quote", &struct {
		FromChain   string `json:"fromChain"`
		FromToken   string `json:"fromToken"`
		FromAmount  string `json:"fromAmount"`
		FromAddress string `json:"fromAddress"`
		ToChain     string `json:"toChain"`
		ToToken     string `json:"toToken"`
	}{"eip155:8453", "ETH", "1000000000000", "0x1111111111111111111111111111111111111111", "eip155:42161", "USDC"})
	if err != nil || status != http.StatusOK {
		return "", fmt.Errorf("status %d: %w", status, err)
	}
	var reply struct {
		Data struct {
			RawResponse floorStep `json:"rawResponse"`
		} `json:"data"`
	}
	err = json.Unmarshal(body, &reply)
	return reply.Data.RawResponse.Tool, err
}
