package upstream

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"time"

	memory "github.com/gatehouse-graphql/gatehouse/internal/budget"
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
	// MaxRequests is how many requests of clients may wait for one subgraph at the same time; 0 is endless. As many again wait for that, up
	// to 10 s; the next ones get SUBREQUEST_OVERLOADED.
	MaxRequests int `json:"maxRequests"`
	// Share lets identical queries that are in flight at the same time share one request.
	Share bool `json:"share"`
	// Retry is how queries are repeated that found a subgraph unavailable.
	Retry struct {
		// Attempts is how many more tries a query gets; 0: none.
		Attempts int `json:"attempts"`
		// Delay is how long the first of them waits at most, and MaxDelay how long any.
		Delay    time.Duration `json:"delay"`
		MaxDelay time.Duration `json:"maxDelay"`
		// BudgetPercent is how many repetitions 100 calls to a subgraph may cause; ten at once are allowed.
		BudgetPercent int `json:"budgetPercent"`
	} `json:"retry"`
	// CircuitBreaker is when a subgraph that fails is not called.
	CircuitBreaker struct {
		Enabled bool `json:"enabled"`
		// FailurePercent of at least MinRequests calls within Window open it.
		FailurePercent int           `json:"failurePercent"`
		MinRequests    int           `json:"minRequests"`
		Window         time.Duration `json:"window"`
		// Cooldown is how long it is open before a call is let through to see.
		Cooldown time.Duration `json:"cooldown"`
	} `json:"circuitBreaker"`
	// Memory is what all answers together may hold until they are released; nil is endless. An answer for which nothing is
	// left is an error with the code SERVICE_UNAVAILABLE.
	Memory *memory.Budget `json:"-"`
	// Personal are headers of answers that are for one caller, in canonical form: who shares the request of another one does not
	// get an answer that has one. Set-Cookie is such a header anyway.
	Personal []string `json:"-"`
	// Headers are the rules about headers that all subgraphs have in common, and Reserved the names that have a meaning of
	// their own. Both come from other sections of the file.
	Headers  HeaderConfig `json:"-"`
	Reserved Reserved     `json:"-"`
	// Forward is what subgraphs are told about the caller, and Signing how calls are signed (nil: they are not). They come from
	// other sections as well.
	Forward Forward  `json:"-"`
	Signing *Signing `json:"-"`
	// Observe returns who is told of the calls to a subgraph; nobody when it is nil.
	Observe func(supergraph.SubgraphName) Observer `json:"-"`
}

// SubgraphConfig is what differs for one subgraph: an entry of the "subgraphs" section of the configuration file.
type SubgraphConfig struct {
	// URL replaces the routing URL of the supergraph, unless it is "".
	URL string `json:"url"`
	// Timeout replaces Config.Timeout, unless it is 0, and MaxRequests Config.MaxRequests.
	Timeout     time.Duration `json:"timeout"`
	MaxRequests int           `json:"maxRequests"`
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
	c := Config{
		Timeout:          30 * time.Second,
		MaxResponseBytes: 64 << 20,
		MaxConnections:   1024,
		Share:            true,
	}
	c.Retry.Attempts, c.Retry.BudgetPercent = 2, 10
	c.Retry.Delay, c.Retry.MaxDelay = 50*time.Millisecond, time.Second
	c.CircuitBreaker.Enabled = true
	c.CircuitBreaker.FailurePercent, c.CircuitBreaker.MinRequests = 50, 20
	c.CircuitBreaker.Window, c.CircuitBreaker.Cooldown = 10*time.Second, 5*time.Second
	return c
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
	if c.MaxRequests < 0 {
		report("maxRequests", "must not be less than 0")
	}
	c.checkRetry(report)
	if b := c.CircuitBreaker; b.Enabled {
		if b.FailurePercent < 1 || b.FailurePercent > 100 {
			report("circuitBreaker.failurePercent", "must be between 1 and 100")
		}
		if b.MinRequests < 1 {
			report("circuitBreaker.minRequests", "must be more than 0")
		}
		if b.Window <= 0 {
			report("circuitBreaker.window", "must be more than 0")
		}
		if b.Cooldown <= 0 {
			report("circuitBreaker.cooldown", "must be more than 0")
		}
	}
}

func (c Config) checkRetry(report func(path, problem string)) {
	const most = 10
	r := c.Retry
	if r.Attempts < 0 || r.Attempts > most {
		report("retry.attempts", "must be between 0 and 10")
	}
	if r.Attempts == 0 {
		return
	}
	if r.Delay <= 0 {
		report("retry.delay", "must be more than 0")
	}
	if r.MaxDelay < r.Delay {
		report("retry.maxDelay", "must not be less than delay")
	}
	if r.BudgetPercent < 0 || r.BudgetPercent > 100 {
		report("retry.budgetPercent", "must be between 0 and 100")
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
	if c.MaxRequests < 0 {
		report("maxRequests", "must not be less than 0")
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
	t := &target{
		name:     s.Name,
		url:      u,
		header:   header,
		timeout:  timeout,
		maxBytes: common.MaxResponseBytes,
		memory:   common.Memory,
		room:     newRoom(cmp.Or(own.MaxRequests, common.MaxRequests)),
		flights:  newFlights(e, common.Personal),
		forward:  newForward(common.Forward, own),
		budget:   newBudget(common.Retry.BudgetPercent),
	}
	if common.Observe != nil {
		t.observer = common.Observe(s.Name)
	}
	t.observer = t.observer.withDefaults()
	t.breaker = newBreaker(common, t.observer.Circuit)
	return t, nil
}
