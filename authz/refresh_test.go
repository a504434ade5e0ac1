package authz

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// roundTrip is a transport without a network, so that the clock of a synctest bubble can run.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answerWith returns an answer.
func answerWith(status int, body string, header http.Header) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader([]byte(body)))}
}

// bubble is an environment in which time is that of the bubble, and a list of when keys were fetched.
type bubble struct {
	mu      sync.Mutex
	answer  func() (*http.Response, error)
	fetches []time.Duration // since the start
	env     environment
}

func newBubble() *bubble {
	b := &bubble{env: newEnvironment()}
	begin := time.Now()
	b.env.random = func() float64 { return 0 }
	b.env.transport = roundTrip(func(r *http.Request) (*http.Response, error) {
		b.mu.Lock()
		b.fetches = append(b.fetches, time.Since(begin))
		answer := b.answer
		b.mu.Unlock()
		if answer == nil {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return answer()
	})
	return b
}

// say sets the answer from now on; nil is none at all.
func (b *bubble) say(answer func() (*http.Response, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = answer
}

// keys sets a key set as the answer.
func (b *bubble) keys(body []byte, header http.Header) {
	b.say(func() (*http.Response, error) { return answerWith(200, string(body), header.Clone()), nil })
}

// times returns when keys were fetched, and forgets it.
func (b *bubble) times() []time.Duration {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	times := b.fetches
	b.fetches = nil
	return times
}

// wantTimes compares when keys were fetched.
func (b *bubble) wantTimes(t *testing.T, what string, want ...time.Duration) {
	t.Helper()
	if got := b.times(); !slices.Equal(got, want) {
		t.Errorf("%s: fetched at %v, want %v", what, got, want)
	}
}

func TestSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testKeys()
		b := newBubble()
		b.keys(jwks(jwk(k.rsa, "a", nil)), http.Header{"Cache-Control": {"public, max-age=60"}})
		a, err := newAuthenticator(t.Context(), config(remoteProvider("https://idp.example/keys")), Observer{}, b.env)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		time.Sleep(130 * time.Second)
		b.wantTimes(t, "max-age", 0, 60*time.Second, 120*time.Second)

		// An outage at 180 s: retried after 1, 2, 4, ... up to 60 s, on the old keys.
		b.say(func() (*http.Response, error) { return nil, errors.New("no route") })
		time.Sleep(190 * time.Second)
		second := time.Second
		b.wantTimes(t, "outage", 180*second, 181*second, 183*second, 187*second, 195*second, 211*second, 243*second, 303*second)
		if ready, reasons := a.Ready(); !ready || len(reasons) != 1 {
			t.Errorf("got %t %v", ready, reasons)
		}
		if age := a.KeyAges()["idp"]; age != 200*second {
			t.Errorf("the keys are %s old", age)
		}

		// Back again, without a word about freshness.
		b.keys(jwks(jwk(k.rsa, "a", nil)), nil)
		time.Sleep(360 * second)
		b.wantTimes(t, "usual", 363*second, 663*second)
		if ready, reasons := a.Ready(); !ready || reasons != nil {
			t.Errorf("got %t %v", ready, reasons)
		}
	})
}

func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testKeys()
		b := newBubble()
		b.keys(jwks(jwk(k.rsa, "a", nil)), nil)
		a, err := newAuthenticator(t.Context(), config(remoteProvider("https://idp.example/keys")), Observer{}, b.env)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		mustWait(t, a)
		synctest.Wait() // the first fetch is over
		unknown := func(want time.Duration) {
			t.Helper()
			begin := time.Now()
			expect(t, a, signedNow(k.otherRSA, "new"), 401, "key")
			if got := time.Since(begin); got != want {
				t.Errorf("waited for %s, want %s", got, want)
			}
		}
		b.say(nil)
		unknown(2 * time.Second) // starts a fetch that takes 10 s and fails
		unknown(2 * time.Second) // joins it
		time.Sleep(5500 * time.Millisecond)
		unknown(500 * time.Millisecond) // joins its end
		b.say(func() (*http.Response, error) { return nil, errors.New("no route") })
		synctest.Wait()
		time.Sleep(time.Second) // 11 s after the first question; a retry has just failed
		synctest.Wait()
		b.times()
		unknown(0) // asks again
		unknown(0) // and does not
		if got := len(b.times()); got != 1 {
			t.Errorf("%d fetches, want 1", got)
		}
		a.Close()
		time.Sleep(time.Minute)
		unknown(0) // nobody is left who could fetch
		expect(t, a, signedNow(k.rsa, "a"), 200, "")
	})
}

// TestPatienceIsShared wants that a token that several providers could know waits for all of them together.
func TestPatienceIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testKeys()
		b := newBubble()
		b.keys(jwks(jwk(k.rsa, "a", nil)), nil)
		one, two := remoteProvider("https://one.example/keys"), remoteProvider("https://two.example/keys")
		two.Name = "two"
		a, err := newAuthenticator(t.Context(), config(one, two), Observer{}, b.env)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		mustWait(t, a)
		synctest.Wait()
		b.say(nil)
		begin := time.Now()
		expect(t, a, signedNow(k.otherRSA, "new"), 401, "key")
		if got := time.Since(begin); got != 2*time.Second {
			t.Errorf("waited for %s", got)
		}
	})
}

func TestStartupWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testKeys()
		b := newBubble()
		b.say(func() (*http.Response, error) { return nil, errors.New("not up yet") })
		a, err := newAuthenticator(t.Context(), config(remoteProvider("https://idp.example/keys")), Observer{}, b.env)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		ready := func(want bool) {
			t.Helper()
			synctest.Wait()
			if got, _ := a.Ready(); got != want {
				t.Errorf("got %t, want %t", got, want)
			}
		}
		ready(false)
		time.Sleep(10*time.Second - 1)
		ready(false)
		time.Sleep(time.Nanosecond)
		ready(true) // and degraded
		expect(t, a, signedNow(k.rsa, "a"), 503, "")
		b.keys(jwks(jwk(k.rsa, "a", nil)), nil)
		time.Sleep(10 * time.Second)
		expect(t, a, signedNow(k.rsa, "a"), 200, "")
	})
}

func TestStartupFailTriesForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		k := testKeys()
		b := newBubble()
		b.say(func() (*http.Response, error) { return nil, errors.New("not up yet") })
		p := remoteProvider("https://idp.example/keys")
		p.Startup = startupFail
		begin := time.Now()
		if a, err := newAuthenticator(t.Context(), config(p), Observer{}, b.env); err == nil {
			a.Close()
			t.Error("it starts")
		}
		if got := time.Since(begin); got != 10*time.Second {
			t.Errorf("gave up after %s", got)
		}
		go func() {
			time.Sleep(5 * time.Second)
			b.keys(jwks(jwk(k.rsa, "a", nil)), nil)
		}()
		a, err := newAuthenticator(t.Context(), config(p), Observer{}, b.env)
		if err != nil {
			t.Fatal(err)
		}
		a.Close()
	})
}

// signedNow returns a token that is good in a bubble, whose clock begins in the year 2000.
func signedNow(key any, id string) string {
	return signed("RS256", key, `{"alg":"RS256","kid":"`+id+`"}`, `{"aud":"api","exp":4000000000}`)
}

func TestDelay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fresh    time.Duration
		failures int
		random   float64
		want     time.Duration
	}{
		{-1, 0, 0, 5 * time.Minute},
		{-1, 0, 0.5, 285 * time.Second},
		{0, 0, 0, 10 * time.Second},
		{0, 0, 1, 10 * time.Second},
		{time.Second, 0, 0, 10 * time.Second},
		{10500 * time.Millisecond, 0, 1, 10 * time.Second},
		{time.Minute, 0, 0, time.Minute},
		{time.Minute, 0, 1, 54 * time.Second},
		{time.Hour, 0, 0, 30 * time.Minute},
		{1 << 62, 0, 0, 30 * time.Minute},
		{time.Minute, 1, 0, time.Second},
		{time.Minute, 2, 0, 2 * time.Second},
		{time.Minute, 2, 1, 1800 * time.Millisecond},
		{time.Minute, 1_000_000, 0, time.Minute},
	} {
		r := &remoteKeys{least: 10 * time.Second, most: 30 * time.Minute}
		r.env.random = func() float64 { return tc.random }
		if got := r.delay(tc.fresh, tc.failures); got != tc.want {
			t.Errorf("%+v: got %s", tc, got)
		}
	}
	quick := &remoteKeys{least: time.Millisecond, most: 10 * time.Millisecond, env: testEnvironment()}
	if got := quick.delay(-1, 5); got != 10*time.Millisecond {
		t.Errorf("got %s", got)
	}
}

func TestFreshness(t *testing.T) {
	t.Parallel()
	date := epoch.UTC().Format(http.TimeFormat)
	later := epoch.Add(time.Hour).UTC().Format(http.TimeFormat)
	for _, tc := range []struct {
		header http.Header
		want   time.Duration
	}{
		{http.Header{}, -1},
		{http.Header{"Cache-Control": {"max-age=60"}}, time.Minute},
		{http.Header{"Cache-Control": {`public, MAX-AGE="60", must-revalidate`}}, time.Minute},
		{http.Header{"Cache-Control": {"public", "max-age=60"}}, time.Minute},
		{http.Header{"Cache-Control": {"max-age=60, max-age=30"}}, 30 * time.Second},
		{http.Header{"Cache-Control": {"max-age=60, no-cache"}}, 0},
		{http.Header{"Cache-Control": {"no-store"}}, 0},
		{http.Header{"Cache-Control": {"max-age=-1"}}, 0},
		{http.Header{"Cache-Control": {"max-age=x"}}, 0},
		{http.Header{"Cache-Control": {"max-age"}}, 0},
		{http.Header{"Cache-Control": {"max-age=99999999999999999999"}}, 1 << 31 * time.Second},
		{http.Header{"Cache-Control": {"s-maxage=60"}}, -1},
		{http.Header{"Cache-Control": {"public"}}, -1},
		{http.Header{"Cache-Control": {"max-age=60"}, "Age": {"20"}}, 40 * time.Second},
		{http.Header{"Cache-Control": {"max-age=60"}, "Age": {"90"}}, 0},
		{http.Header{"Cache-Control": {"max-age=60"}, "Age": {"x"}}, time.Minute},
		{http.Header{"Cache-Control": {"max-age=60"}, "Expires": {later}}, time.Minute},
		{http.Header{"Expires": {later}}, time.Hour},
		{http.Header{"Expires": {later}, "Date": {later}}, 0},
		{http.Header{"Expires": {date}, "Date": {later}}, 0},
		{http.Header{"Expires": {"0"}}, 0},
		{http.Header{"Expires": {later}, "Date": {"x"}}, time.Hour},
	} {
		if got := freshness(tc.header, epoch); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.header, got, tc.want)
		}
	}
}
