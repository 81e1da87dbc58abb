package errortracking

import (
	"context"

	"github.com/distri-night/monitoring/internal/reqctx"
)

// maxTemplates bounds what the summaries hold that will tell of floods, in
// bytes. Past it they say only what went wrong, and how often.
const maxTemplates = 4 << 20

// template makes d the summary of what is held back. It waits for up to a
// minute, so it holds on to no request.
func (t *Tracker) template(d *draft) *draft {
	t.freeze(d)
	d.ctx, d.scope = reqctx.WithCorrelationID(context.Background(), d.event.CorrelationID), nil
	d.size = d.estimate()
	if t.templates.Add(d.size) > maxTemplates {
		t.templates.Add(-d.size)
		d.slim()
		d.size = d.estimate()
		t.templates.Add(d.size)
	}
	d.kept = &t.templates
	return d
}

// slim leaves what tells the error from others.
func (d *draft) slim() {
	d.event.Attrs, d.tags, d.crumbs, d.frozen.request = nil, nil, nil, nil
	d.event.Message = rawTitle(d.event.Message)
	chain := d.frozen.chain
	chain = chain[:min(len(chain), 4)]
	for i := range chain {
		chain[i].text = rawTitle(chain[i].text)
	}
	d.frozen.chain = append([]link(nil), chain...)
}

// release says that d is a template no more.
func (d *draft) release() {
	if d.kept != nil {
		d.kept.Add(-d.size)
		d.kept = nil
	}
}
