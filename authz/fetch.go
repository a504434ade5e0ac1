package authz

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gatehouse-graphql/gatehouse/internal/claims"
)

// discoveryFreshness is for how long a discovery document counts, unless its key set cannot be fetched.
const discoveryFreshness = time.Hour

// environment is what is outside of the package. Tests bring their own.
type environment struct {
	now          func() time.Time
	random       func() float64 // in [0,1)
	transport    http.RoundTripper
	fetchTimeout time.Duration // of one fetch, from the dial to the last byte, discovery included
	patience     time.Duration // how long a request waits for a key that is not known yet
	startup      time.Duration // how long the start waits for keys
}

// newEnvironment returns the real one.
func newEnvironment() environment {
	return environment{
		now:    time.Now,
		random: rand.Float64,
		transport: &http.Transport{
			Proxy:                  nil, // an environment variable must not decide who may hand us keys
			DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    5 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			DisableKeepAlives:      true, // it is needed once in minutes
			DisableCompression:     true,
		},
		fetchTimeout: 10 * time.Second,
		patience:     2 * time.Second,
		startup:      10 * time.Second,
	}
}

// fetcher gets a key set from where it is published. It belongs to one goroutine.
type fetcher struct {
	client     http.Client
	now        func() time.Time
	algorithms []string
	issuer     string // whose discovery document says where the key set is; "" if that is known
	insecure   bool

	url        string // of the key set, "" if it is to be discovered
	discovered time.Time
	etag       string
	digest     [sha256.Size]byte // of the last answer that was accepted
}

// newFetcher returns a fetcher for a remote source.
func newFetcher(s KeySource, env environment, algorithms []string) *fetcher {
	return &fetcher{
		client: http.Client{
			Transport:     env.transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now: env.now, algorithms: algorithms,
		issuer: s.IssuerURL, insecure: s.AllowInsecureHTTP, url: s.JWKSURL,
	}
}

// fetch gets the key set. What is not a key set that can be used is an error, so that it replaces nothing.
func (f *fetcher) fetch(ctx context.Context) (fetched, error) {
	if err := f.discover(ctx); err != nil {
		return fetched{}, err
	}
	found, err := f.keys(ctx)
	if err != nil && f.issuer != "" {
		f.url = ""
	}
	return found, err
}

// keys gets the key set from its address.
func (f *fetcher) keys(ctx context.Context) (fetched, error) {
	response, err := f.get(ctx, f.url, f.etag)
	if err != nil {
		return fetched{}, fmt.Errorf("fetching the key set: %w", err)
	}
	fresh := freshness(response.header, f.now())
	digest := sha256.Sum256(response.body)
	switch {
	case response.status == http.StatusNotModified:
		return fetched{fresh: fresh}, nil
	case digest == f.digest:
		f.etag = response.header.Get("ETag")
		return fetched{fresh: fresh}, nil
	}
	set, err := parseKeySet(response.body)
	if err == nil {
		err = set.checkFits(f.algorithms)
	}
	if err != nil {
		return fetched{}, err
	}
	f.digest, f.etag = digest, response.header.Get("ETag")
	return fetched{keys: set, fresh: fresh}, nil
}

// discover finds out where the key set is, unless that is known (OpenID Connect Discovery 1.0, section 4).
func (f *fetcher) discover(ctx context.Context) error {
	if f.issuer == "" || f.url != "" && f.now().Sub(f.discovered) < discoveryFreshness {
		return nil
	}
	response, err := f.get(ctx, strings.TrimSuffix(f.issuer, "/")+"/.well-known/openid-configuration", "")
	if err != nil {
		return fmt.Errorf("fetching the discovery document: %w", err)
	}
	document, err := claims.Parse(response.body)
	if err != nil {
		return fmt.Errorf("the discovery document is %w", err)
	}
	if issuer, _ := document.Member("issuer").Text(); issuer != f.issuer {
		return errors.New("the discovery document is of another issuer")
	}
	text, _ := document.Member("jwks_uri").Text()
	u, err := parseKeyURL(text, f.insecure)
	switch {
	case err != nil:
		return fmt.Errorf("the jwks_uri of the discovery document %w", err)
	case u.Scheme == "http" && strings.HasPrefix(f.issuer, "https:") && !f.insecure:
		return errors.New("the jwks_uri of the discovery document leaves https")
	}
	if text != f.url {
		f.url, f.etag, f.digest = text, "", [sha256.Size]byte{}
	}
	f.discovered = f.now()
	return nil
}

// answer is what a server said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// get gets a document that is not larger than maxKeyBytes. It follows no redirect: whoever can redirect could choose the
// keys. The error does not hold the address.
func (f *fetcher) get(ctx context.Context, address, etag string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return answer{}, errors.New("the address is not a URL")
	}
	request.Header.Set("Accept", "application/json, application/jwk-set+json")
	request.Header.Set("User-Agent", "gatehouse")
	if etag != "" {
		request.Header.Set("If-None-Match", etag)
	}
	response, err := f.client.Do(request)
	if err != nil {
		return answer{}, withoutAddress(err)
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case status == http.StatusNotModified && etag != "":
		return answer{status: status, header: response.Header}, nil
	case status >= 300 && status < 400:
		return answer{}, fmt.Errorf("the answer is a redirect (status %d), and none is followed", status)
	case status != http.StatusOK:
		return answer{}, fmt.Errorf("the answer has status %d", status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxKeyBytes+1))
	switch {
	case err != nil:
		return answer{}, withoutAddress(err)
	case len(body) > maxKeyBytes:
		return answer{}, fmt.Errorf("the answer is longer than %d bytes", maxKeyBytes)
	}
	return answer{status: response.StatusCode, header: response.Header, body: body}, nil
}

// withoutAddress returns what went wrong without the address, which may hold an API key.
func withoutAddress(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
