package ledger

import "strings"

// The currencies of ISO 4217 by the number of decimals of their minor unit.
// Codes without a minor unit (XAU, XDR, XTS, ...) are not money that a shop
// takes, and are unknown here. ANG and BGN are kept although they have been
// replaced, so that late events of old orders still count.
const (
	NoDecimals    = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	TwoDecimals   = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG"
	ThreeDecimals = "BHD IQD JOD KWD LYD OMR TND"
	FourDecimals  = "CLF UYW"
)

// Exponents are the decimals of the minor unit, by currency.
var Exponents = exponentsByCode()

func exponentsByCode() map[string]int {
	all := make(map[string]int, 180)
	for exponent, codes := range map[int]string{0: NoDecimals, 2: TwoDecimals, 3: ThreeDecimals, 4: FourDecimals} {
		for code := range strings.FieldsSeq(codes) {
			all[code] = exponent
		}
	}
	return all
}

// Exponent is the number of decimals of a currency's minor unit.
func Exponent(currency string) (decimals int, known bool) {
	decimals, known = Exponents[currency]
	return decimals, known
}
