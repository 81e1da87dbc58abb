package ledger

// Kind is what happened; an order's statuses are kinds of their own, since
// each counts once, and so are the actions of a user.
type Kind uint8

// The kinds. Their numbers are in journals: add, never renumber.
const (
	KindPlaced Kind = iota + 1
	KindConfirmed
	KindDelivered
	KindCancelled
	KindRefund
	KindPayment
	KindResponse
	KindNPS
	KindOffer
	KindDelivery
	KindSignedUp
	KindActive
	KindInvited
	KindFeature
	KindAcquisition
	KindGoods
	KindCommission
	kindEnd
)

// Kinds is how many numbers a table by Kind needs.
const Kinds = int(kindEnd)

// StatusKinds are the kinds of the events of an order.
var StatusKinds = map[OrderStatus]Kind{
	Placed: KindPlaced, Confirmed: KindConfirmed, Delivered: KindDelivered, Cancelled: KindCancelled,
}

// kindInfo is how a kind is written down.
type kindInfo struct {
	name   string // Event.Kind
	status string // tells kinds of one name apart, in Event.Data
	prefix string // of Event.Key. None begins another, so that no ID makes two keys equal
}

var kindInfos = [kindEnd]kindInfo{
	KindPlaced:      {"order", "placed", "order:placed:"},
	KindConfirmed:   {"order", "confirmed", "order:confirmed:"},
	KindDelivered:   {"order", "delivered", "order:delivered:"},
	KindCancelled:   {"order", "cancelled", "order:cancelled:"},
	KindRefund:      {"refund", "", "refund:"},
	KindPayment:     {"payment", "", "payment:"},
	KindResponse:    {"supplier_response", "", "supplier_response:"},
	KindNPS:         {"nps", "", "nps:"},
	KindOffer:       {"supplier_offer", "", "supplier_offer:"},
	KindDelivery:    {"delivery", "", "delivery:"},
	KindSignedUp:    {"user", "signed_up", "user:signed_up:"},
	KindActive:      {"user", "active", "user:active:"},
	KindInvited:     {"user", "invited", "user:invited:"},
	KindFeature:     {"feature", "", "feature:"},
	KindAcquisition: {"cost", "acquisition", "cost:acquisition:"},
	KindGoods:       {"cost", "goods", "cost:goods:"},
	KindCommission:  {"commission", "", "commission:"},
}

// Name is Event.Kind.
func (k Kind) Name() string { return kindInfos[k].name }

// Key is Event.Key of the event with that ID.
func (k Kind) Key(id string) string { return kindInfos[k].prefix + id }

// KindOf finds the kind of a name and the status beside it; 0: there is none.
func KindOf(name, status string) Kind {
	for k, info := range kindInfos {
		if info.name == name && name != "" && info.status == status {
			return Kind(k)
		}
	}
	return 0
}

// IsOrder reports whether it is an event of an order itself.
func (k Kind) IsOrder() bool { return k >= KindPlaced && k <= KindCancelled }

// takesOff reports whether it makes its order count less.
func (k Kind) takesOff() bool { return k == KindRefund || k == KindCancelled }

// ofOrder reports whether it belongs to the order that it names: what is known
// of the order, its customer and supplier, is known of the event.
func (k Kind) ofOrder() bool {
	switch k {
	case KindResponse, KindOffer, KindDelivery, KindNPS, KindSignedUp, KindActive, KindInvited, KindFeature, KindAcquisition:
		return false
	}
	return true
}

// needsMoney reports whether there must be an amount.
func (k Kind) needsMoney() bool {
	switch k {
	case KindPlaced, KindRefund, KindPayment, KindAcquisition, KindGoods, KindCommission:
		return true
	}
	return false
}
