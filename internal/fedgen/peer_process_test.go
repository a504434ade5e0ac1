package fedgen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// askPeer plans everything with the planner of Hive Router. An operation of which that process dies counts as refused; the
// others are asked again.
func askPeer(inputs []*peerInput) ([][]peerPlan, error) {
	all := make([][]peerPlan, len(inputs))
	for at := 0; ; {
		for at < len(inputs) && len(all[at]) == len(inputs[at].Operations) {
			at++
		}
		if at == len(inputs) {
			return all, nil
		}
		before := len(all[at])
		died, err := runPeer(inputs[at:], all[at:])
		if err != nil && died == "" {
			return nil, err
		}
		for at < len(inputs) && len(all[at]) == len(inputs[at].Operations) {
			at, before = at+1, 0
		}
		if at < len(inputs) {
			if died == "" {
				return nil, fmt.Errorf("peer: no answer for %s after %d", inputs[at].name, before)
			}
			all[at] = append(all[at], peerPlan{Error: died})
		}
	}
}

// peerStall is how long the other planner may take for one operation: with some it never ends.
const peerStall = 2 * time.Minute

var errPeerStall = fmt.Errorf("no plan within %v", peerStall)

// peerOutput is what the other planner wrote. Each plan that arrives gives it time for the next.
type peerOutput struct {
	text    bytes.Buffer
	stalled *time.Timer
}

func (o *peerOutput) Write(p []byte) (int, error) {
	o.stalled.Reset(peerStall)
	return o.text.Write(p)
}

// runPeer asks for what is not answered yet, in order. When the process dies, died is what it said.
func runPeer(inputs []*peerInput, answers [][]peerPlan) (died string, err error) {
	var in, errs bytes.Buffer
	encoder := json.NewEncoder(&in)
	for i, input := range inputs {
		rest := peerInput{Supergraph: input.Supergraph, Operations: input.Operations[len(answers[i]):]}
		if err := encoder.Encode(&rest); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	out := peerOutput{stalled: time.AfterFunc(peerStall, func() { cancel(errPeerStall) })}
	cmd := exec.CommandContext(ctx, "node", "peer/peer.mjs")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &errs
	err = cmd.Run()
	out.stalled.Stop()
	switch {
	case err == nil:
	case errors.Is(context.Cause(ctx), errPeerStall):
		died = errPeerStall.Error()
	case strings.Contains(errs.String(), "panicked"):
		died = errs.String()
	default:
		err = fmt.Errorf("peer: %w\n%s", err, errs.String())
	}
	at := 0
	for decoder := json.NewDecoder(&out.text); decoder.More(); {
		var plan peerPlan
		if err := decoder.Decode(&plan); err != nil {
			return "", err
		}
		for len(answers[at]) == len(inputs[at].Operations) {
			at++
		}
		answers[at] = append(answers[at], plan)
	}
	return died, err
}
