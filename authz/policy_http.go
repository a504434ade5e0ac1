package authz

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// maxPolicyBytes is how long the answer of a source may be.
const maxPolicyBytes = 1 << 20

// policyTransport carries the requests to all sources.
var policyTransport = &http.Transport{
	Proxy:                  nil, // an environment variable must not decide who decides
	DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
	TLSHandshakeTimeout:    5 * time.Second,
	MaxResponseHeaderBytes: 64 << 10,
	MaxIdleConnsPerHost:    64,
	IdleConnTimeout:        90 * time.Second,
	DisableCompression:     true,
	ForceAttemptHTTP2:      true,
}

// policyCaller asks a source over HTTP.
type policyCaller struct {
	client      http.Client
	method, url string
	forward     bool
	sign        func(r *http.Request, body []byte) error // nil for unsigned requests
}

func newPolicyCaller(e PolicyEndpoint) policyCaller {
	return policyCaller{
		client: http.Client{
			Transport:     policyTransport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		method: cmp.Or(e.Method, http.MethodPost), url: e.URL, forward: e.ForwardToken,
	}
}

// call sends a body, nil for none, and returns the body of the answer. Its errors hold no address. Its time is that of ctx.
func (c *policyCaller) call(ctx context.Context, caller *Identity, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, c.method, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address is not a URL")
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "gatehouse")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.forward && caller.Token != "" {
		request.Header.Set("Authorization", "Bearer "+caller.Token)
	}
	if c.sign != nil {
		if err := c.sign(request, body); err != nil {
			return nil, fmt.Errorf("signing: %w", err)
		}
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, withoutAddress(err)
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return nil, fmt.Errorf("the answer is a redirect (status %d), and none is followed", status)
	case status != http.StatusOK:
		return nil, fmt.Errorf("the answer has status %d", status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxPolicyBytes+1))
	switch {
	case err != nil:
		return nil, withoutAddress(err)
	case len(text) > maxPolicyBytes:
		return nil, fmt.Errorf("the answer is longer than %d bytes", maxPolicyBytes)
	}
	return text, nil
}

// policyQuestion is what sources are told.
type policyQuestion struct {
	Policies []string `json:"policies"`
	// Claims are those of the caller, null for an anonymous one. White space and escapes may be others than in the token.
	Claims json.RawMessage `json:"claims"`
}

func newPolicyQuestion(caller *Identity, names []string) policyQuestion {
	return policyQuestion{Policies: names, Claims: caller.Claims()}
}

// grantsIn reads names that are granted: a list, or an object that has one as "granted".
func grantsIn(v claims.Value) ([]string, error) {
	if v.IsObject() {
		v = v.Member("granted")
	}
	granted, ok := v.Strings()
	if !ok || !v.IsArray() {
		return nil, errors.New("the answer holds no list of names")
	}
	return granted, nil
}
