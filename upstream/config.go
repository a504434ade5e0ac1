package upstream

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gatehouse-graphql/gatehouse/supergraph"
)

// Config is how subgraphs are called: the "upstream" section of the configuration file.
type Config struct {
	// Timeout is how long one try may take, from the dial to the last byte of the answer.
	Timeout time.Duration `json:"timeout"`
	// MaxResponseBytes is how long an answer may be, counted after decompression.
	MaxResponseBytes int64 `json:"maxResponseBytes"`
	// MaxConnections is how many connections one subgraph may get, and how many of them are kept when idle. Calls
	// beyond that wait, within their timeout.
	MaxConnections int `json:"maxConnections"`
	// Share lets identical queries that are in flight at the same time share one request.
	Share bool `json:"share"`
	// Headers are the rules about headers that all subgraphs have in common, and Reserved the names that have a meaning of
	// their own. Both come from other sections of the file.
	Headers  HeaderConfig `json:"-"`
	Reserved Reserved     `json:"-"`
	// Forward is what subgraphs are told about the caller, and Signing how calls are signed (nil: they are not). They come from
	// other sections as well.
	Forward Forward  `json:"-"`
	Signing *Signing `json:"-"`
}

// SubgraphConfig is what differs for one subgraph: an entry of the "subgraphs" section of the configuration file.
type SubgraphConfig struct {
	// URL replaces the routing URL of the supergraph, unless it is "".
	URL string `json:"url"`
	// Timeout replaces Config.Timeout, unless it is 0.
	Timeout time.Duration `json:"timeout"`
	// Headers are sent to this subgraph, and come before those of all subgraphs.
	Headers []Header `json:"headers"`
	// ForwardClientHeaders replaces the rules of all subgraphs, unless it is nil.
	ForwardClientHeaders *ClientHeaders `json:"forwardClientHeaders"`
	// JWT is what differs in what the subgraph is told about the caller.
	JWT struct {
		// Payload replaces Forward.Payload, unless it is nil, and can name the claims.
		Payload *Claims `json:"payload"`
		// Token replaces Forward.Token, unless it is nil.
		Token *bool `json:"token"`
	} `json:"jwt"`
	// Signing is what differs in how calls to the subgraph are signed.
	Signing struct {
		// Key is the id of the key, in place of the first one.
		Key string `json:"key"`
		// Message and Extension replace the switches of Signing, unless they are nil.
		Message   *bool `json:"message"`
		Extension *bool `json:"extension"`
	} `json:"signing"`
}

// Below returns c with its files relative to dir.
func (c SubgraphConfig) Below(dir string) SubgraphConfig {
	c.Headers = headersBelow(c.Headers, dir)
	return c
}

// DefaultConfig returns what holds for everything that nobody configures.
func DefaultConfig() Config {
	return Config{
		Timeout:          30 * time.Second,
		MaxResponseBytes: 64 << 20,
		MaxConnections:   1024,
		Share:            true,
	}
}

// Check calls report for everything that is wrong with c, with the path of the member within c.
func (c Config) Check(report func(path, problem string)) {
	if c.Timeout <= 0 {
		report("timeout", "must be more than 0")
	}
	if c.MaxResponseBytes <= 0 {
		report("maxResponseBytes", "must be more than 0")
	}
	if c.MaxConnections <= 0 {
		report("maxConnections", "must be more than 0")
	}
}

// Check calls report for everything that is wrong with c, with the path of the member within c. It reads no secret.
func (c SubgraphConfig) Check(reserved Reserved, report func(path, problem string)) {
	checkHeaders(c.Headers, reserved, report)
	c.JWT.Payload.check(func(path, problem string) { report("jwt.payload"+path, problem) })
	if c.ForwardClientHeaders != nil {
		c.ForwardClientHeaders.check(reserved, report)
	}
	if c.Timeout < 0 {
		report("timeout", "must be more than 0")
	}
	if c.URL != "" {
		if _, err := parseURL(c.URL); err != nil {
			report("url", err.Error())
		}
	}
}

// parseURL parses the URL of a subgraph. The error does not repeat the URL, which may hold a secret.
func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		if parsing, ok := errors.AsType[*url.Error](err); ok {
			err = parsing.Err
		}
		return nil, fmt.Errorf("is not a URL: %w", err)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("must begin with http:// or https://")
	case u.Host == "":
		return nil, errors.New("has no host")
	case u.User != nil:
		return nil, errors.New("must not hold a user name or password")
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// newTarget compiles what is known about a subgraph before any call is made.
func newTarget(s *supergraph.Subgraph, common Config, own SubgraphConfig, e *effects) (*target, error) {
	text := own.URL
	if text == "" {
		text = s.URL
	}
	if text == "" {
		return nil, fmt.Errorf("subgraph %q has no routing URL in the supergraph; give one as subgraphs.%s.url", s.Name, s.Name)
	}
	u, err := parseURL(text)
	if err != nil {
		return nil, fmt.Errorf("the URL of subgraph %q %w", s.Name, err)
	}
	timeout := common.Timeout
	if own.Timeout > 0 {
		timeout = own.Timeout
	}
	header, err := newHeaderTemplate(common, own)
	if err != nil {
		return nil, fmt.Errorf("the headers of subgraph %q: %w", s.Name, err)
	}
	return &target{
		name:     s.Name,
		url:      u,
		header:   header,
		timeout:  timeout,
		maxBytes: common.MaxResponseBytes,
		flights:  newFlights(e),
		forward:  newForward(common.Forward, own),
	}, nil
}
