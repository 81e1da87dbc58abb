package seed

// Names are invented; likeness to a real shop is chance.
var suppliers = []string{
	"Maison Lumen", "Cold Chain Co", "Bodega Central", "Nachtkontor", "Late Larder", "Atelier Minuit", "Le Comptoir Bleu",
	"Cave du Canal", "Epicerie Vesper", "Boulangerie Ombre", "Pizzeria Stellina", "Fromages Belleville", "Primeur Lune", "Glacier Nord",
	"Brasserie Quai 9", "Sushi Hoshi", "Patisserie Ravel", "Torrefaction Onze", "Vins et Voisins", "Marche Couvert", "Papeterie Fete",
	"Bougies Clair", "Pharmacie de Garde", "Soin et Savon", "Bebe Minuit", "Traiteur Anis", "Falafel Zaatar", "Crepes Armor",
	"Jus Vitrine", "Droguerie Lenoir", "Fleurs Tardives",
}

type good struct {
	name, supplier, category, icon string
	price                          int64
	unit                           string
	minutes, stock                 int
}

var goods = []good{
	{"Ice cubes, 2 kg", "Cold Chain Co", "drinks", "bucket", 450, "€2.25 / kg", 18, 240},
	{"Tonic water, 6 × 20 cl", "Maison Lumen", "drinks", "bottle", 890, "€7.42 / l", 25, 180},
	{"Mezze box for four", "Bodega Central", "food", "box", 3800, "€9.50 each", 40, 90},
	{"Cola, 12 × 33 cl", "Nachtkontor", "drinks", "can", 1140, "€2.88 / l", 22, 3},
	{"Paper cups, 50", "Late Larder", "party", "cup", 620, "€0.12 each", 30, 150},
	{"Table candles, 10", "Atelier Minuit", "party", "candle", 980, "€0.98 each", 35, 0},
	{"Sparkling water, 6 × 1 l", "Maison Lumen", "drinks", "bottle", 540, "€0.90 / l", 20, 300},
	{"Orange juice, 1 l", "Jus Vitrine", "drinks", "carton", 480, "€4.80 / l", 22, 160},
	{"Apple juice, 1 l", "Jus Vitrine", "drinks", "carton", 420, "€4.20 / l", 22, 160},
	{"Ginger beer, 4 × 25 cl", "Maison Lumen", "drinks", "bottle", 760, "€7.60 / l", 25, 120},
	{"Lager, 6 × 33 cl", "Brasserie Quai 9", "drinks", "can", 1290, "€6.52 / l", 28, 200},
	{"Pale ale, 4 × 44 cl", "Brasserie Quai 9", "drinks", "can", 1460, "€8.30 / l", 28, 140},
	{"Dry cider, 75 cl", "Crepes Armor", "drinks", "bottle", 690, "€9.20 / l", 32, 90},
	{"Red wine, Loire, 75 cl", "Vins et Voisins", "drinks", "wine", 1450, "€19.33 / l", 26, 110},
	{"White wine, Alsace, 75 cl", "Vins et Voisins", "drinks", "wine", 1590, "€21.20 / l", 26, 110},
	{"Cremant brut, 75 cl", "Cave du Canal", "drinks", "wine", 1890, "€25.20 / l", 30, 80},
	{"Natural red, 75 cl", "Cave du Canal", "drinks", "wine", 1720, "€22.93 / l", 30, 60},
	{"Espresso beans, 250 g", "Torrefaction Onze", "drinks", "bag", 990, "€39.60 / kg", 35, 75},
	{"Cold brew, 4 × 20 cl", "Torrefaction Onze", "drinks", "can", 1180, "€14.75 / l", 35, 70},
	{"Margherita", "Pizzeria Stellina", "food", "pizza", 1190, "32 cm", 34, 120},
	{"Pizza with mushrooms", "Pizzeria Stellina", "food", "pizza", 1390, "32 cm", 34, 120},
	{"Pizza, four cheeses", "Pizzeria Stellina", "food", "pizza", 1450, "32 cm", 34, 100},
	{"Salmon set, 18 pieces", "Sushi Hoshi", "food", "box", 2490, "€1.38 each", 38, 60},
	{"Vegetable maki, 12", "Sushi Hoshi", "food", "box", 1290, "€1.08 each", 38, 80},
	{"Falafel plate", "Falafel Zaatar", "food", "box", 1150, "for one", 27, 110},
	{"Hummus and bread", "Falafel Zaatar", "food", "bread", 690, "for two", 27, 110},
	{"Baguette", "Boulangerie Ombre", "food", "bread", 140, "250 g", 20, 210},
	{"Sourdough loaf", "Boulangerie Ombre", "food", "bread", 520, "€6.50 / kg", 20, 90},
	{"Croissants, 6", "Boulangerie Ombre", "food", "bread", 780, "€1.30 each", 21, 80},
	{"Cheese board", "Fromages Belleville", "food", "cheese", 2290, "for four", 33, 55},
	{"Comte, 300 g", "Fromages Belleville", "food", "cheese", 960, "€32.00 / kg", 33, 70},
	{"Fruit basket", "Primeur Lune", "food", "fruit", 1690, "2 kg", 29, 65},
	{"Lemons, 6", "Primeur Lune", "food", "fruit", 330, "€0.55 each", 24, 190},
	{"Salted crisps, 150 g", "Late Larder", "food", "bag", 290, "€19.33 / kg", 24, 260},
	{"Roasted almonds, 200 g", "Late Larder", "food", "bag", 540, "€27.00 / kg", 24, 140},
	{"Olives, 250 g", "Epicerie Vesper", "food", "jar", 470, "€18.80 / kg", 28, 120},
	{"Tapenade, 180 g", "Epicerie Vesper", "food", "jar", 590, "€32.78 / kg", 28, 90},
	{"Vanilla ice cream, 1 l", "Glacier Nord", "food", "tub", 990, "€9.90 / l", 23, 85},
	{"Sorbet, lemon, 1 l", "Glacier Nord", "food", "tub", 940, "€9.40 / l", 23, 85},
	{"Chocolate cake", "Patisserie Ravel", "food", "cake", 2600, "for eight", 45, 30},
	{"Fruit tart", "Patisserie Ravel", "food", "cake", 2400, "for eight", 45, 30},
	{"Savoury platter", "Traiteur Anis", "food", "box", 4500, "for six", 50, 40},
	{"Crepes, 10", "Crepes Armor", "food", "pizza", 850, "€0.85 each", 32, 75},
	{"Steak and chips", "Le Comptoir Bleu", "food", "box", 1890, "for one", 36, 70},
	{"Onion soup", "Le Comptoir Bleu", "food", "tub", 890, "for one", 36, 70},
	{"Eggs, 10", "Marche Couvert", "food", "box", 420, "€0.42 each", 26, 160},
	{"Butter, 250 g", "Marche Couvert", "food", "cheese", 350, "€14.00 / kg", 26, 150},
	{"Paper plates, 20", "Papeterie Fete", "party", "plate", 480, "€0.24 each", 31, 130},
	{"Balloons, 25", "Papeterie Fete", "party", "balloon", 650, "€0.26 each", 31, 110},
	{"Garland, 5 m", "Papeterie Fete", "party", "balloon", 890, "€1.78 / m", 31, 60},
	{"Birthday candles, 24", "Bougies Clair", "party", "candle", 390, "€0.16 each", 29, 140},
	{"Scented candle", "Bougies Clair", "party", "candle", 1890, "40 h", 29, 45},
	{"Bunch of tulips", "Fleurs Tardives", "party", "flower", 1500, "15 stems", 37, 40},
	{"Bunch of roses", "Fleurs Tardives", "party", "flower", 2900, "12 stems", 37, 35},
	{"Playing cards", "Atelier Minuit", "party", "box", 690, "52 cards", 35, 80},
	{"Plasters, 20", "Pharmacie de Garde", "care", "plaster", 420, "€0.21 each", 19, 200},
	{"Throat lozenges, 24", "Pharmacie de Garde", "care", "jar", 590, "€0.25 each", 19, 170},
	{"Hand soap, 300 ml", "Soin et Savon", "care", "soap", 480, "€16.00 / l", 27, 130},
	{"Toothbrush and paste", "Soin et Savon", "care", "soap", 650, "travel size", 27, 120},
	{"Nappies, 30", "Bebe Minuit", "care", "box", 1190, "€0.40 each", 33, 90},
	{"Baby wipes, 60", "Bebe Minuit", "care", "bag", 340, "€0.06 each", 33, 140},
	{"AA batteries, 8", "Droguerie Lenoir", "care", "can", 790, "€0.99 each", 30, 110},
	{"Light bulbs, 2", "Droguerie Lenoir", "care", "bulb", 890, "€4.45 each", 30, 75},
}

var firstNames = []string{
	"Amira", "Bastien", "Camille", "Djamel", "Elise", "Farid", "Gaelle", "Hugo", "Ines", "Jules", "Karim", "Lea", "Malik", "Nora", "Oscar",
	"Paula", "Quentin", "Rania", "Samuel", "Theo", "Uma", "Victor", "Wanda", "Xavier", "Yasmine", "Zoe",
}

var lastNames = []string{
	"Dahan", "Arnaud", "Bertin", "Cohen", "Dubreuil", "Etienne", "Ferry", "Garnier", "Haddad", "Imbert", "Jourdan", "Keller", "Lambert",
	"Moreau", "Nguyen", "Oudin", "Perrot", "Rossi", "Santos", "Tissot",
}

var streets = []string{"Rue Oberkampf", "Rue de Charonne", "Quai de Valmy", "Rue des Martyrs", "Rue de Belleville", "Avenue Parmentier", "Rue Lamarck", "Rue Daguerre"}
