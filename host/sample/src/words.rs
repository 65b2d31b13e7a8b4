//! The vocabulary of the generator. All makers and places are invented.

/// Name and colour of each category, in the order of their buttons.
pub(crate) static CATEGORIES: [(&str, &str); 12] = [
    ("Boulangerie", "#C98B3A"),
    ("Fruits et légumes", "#3F9142"),
    ("Crèmerie et œufs", "#E0C24B"),
    ("Boucherie et charcuterie", "#B5403A"),
    ("Épicerie salée", "#8A6D3B"),
    ("Épicerie sucrée", "#B0689A"),
    ("Boissons", "#2F7FC1"),
    ("Bières et vins", "#7A2E4D"),
    ("Surgelés", "#4FB3BF"),
    ("Plats et dégustation", "#D9692B"),
    ("Hygiène et entretien", "#5B6FB5"),
    ("Presse, fleurs et divers", "#6B7280"),
];

/// A sort of product: everything that its name implies.
pub(crate) struct Sort {
    /// The head of the name.
    pub(crate) name: &'static str,
    /// Which of [`CATEGORIES`].
    pub(crate) category: usize,
    /// VAT in basis points.
    pub(crate) vat_basis_points: i64,
    /// Whether meal vouchers may pay for it.
    pub(crate) food: bool,
    /// Sold by weight: the price is for a kilogram.
    pub(crate) by_weight: bool,
    /// The cheapest and the dearest, in cents.
    pub(crate) price_minor: (i64, i64),
}

const fn food(category: usize, name: &'static str, cheapest: i64, dearest: i64) -> Sort {
    Sort { name, category, vat_basis_points: 600, food: true, by_weight: false, price_minor: (cheapest, dearest) }
}

const fn loose(category: usize, name: &'static str, cheapest: i64, dearest: i64) -> Sort {
    Sort { by_weight: true, ..food(category, name, cheapest, dearest) }
}

const fn other(category: usize, name: &'static str, cheapest: i64, dearest: i64) -> Sort {
    Sort { vat_basis_points: 2100, food: false, ..food(category, name, cheapest, dearest) }
}

const fn middle(category: usize, name: &'static str, cheapest: i64, dearest: i64) -> Sort {
    Sort { vat_basis_points: 1200, ..food(category, name, cheapest, dearest) }
}

pub(crate) static SORTS: [Sort; 64] = [
    food(0, "Pain", 145, 520),
    food(0, "Baguette", 110, 260),
    food(0, "Brioche", 220, 640),
    food(0, "Gaufre", 120, 480),
    food(0, "Tarte", 650, 1890),
    loose(1, "Pommes", 149, 399),
    loose(1, "Poires", 169, 429),
    loose(1, "Tomates", 199, 549),
    loose(1, "Carottes", 89, 249),
    loose(1, "Raisins", 299, 699),
    food(1, "Salade", 99, 349),
    food(2, "Lait", 95, 289),
    food(2, "Yaourt", 85, 479),
    food(2, "Beurre", 219, 589),
    middle(2, "Margarine", 139, 449),
    loose(2, "Fromage à la coupe", 990, 3490),
    food(2, "Crème dessert", 115, 399),
    food(2, "Œufs", 189, 599),
    loose(3, "Jambon", 1190, 3990),
    loose(3, "Saucisse", 790, 1890),
    loose(3, "Rôti", 990, 2890),
    food(3, "Pâté", 195, 790),
    food(3, "Boudin", 290, 690),
    food(4, "Pâtes", 79, 349),
    food(4, "Riz", 109, 590),
    food(4, "Soupe", 119, 449),
    food(4, "Sauce", 129, 490),
    food(4, "Conserve de légumes", 79, 290),
    food(4, "Thon", 149, 490),
    food(4, "Huile", 249, 1890),
    food(4, "Chips", 99, 389),
    food(4, "Épices", 149, 490),
    food(5, "Biscuits", 95, 449),
    food(5, "Chocolat", 119, 690),
    food(5, "Pralines", 690, 3490),
    food(5, "Confiture", 189, 649),
    food(5, "Miel", 390, 1290),
    food(5, "Café", 290, 1990),
    food(5, "Thé", 149, 890),
    food(5, "Céréales", 189, 590),
    food(5, "Farine", 89, 390),
    food(6, "Eau", 45, 190),
    food(6, "Jus", 119, 490),
    food(6, "Limonade", 95, 390),
    food(6, "Sirop", 249, 790),
    other(7, "Bière", 95, 690),
    other(7, "Vin", 390, 2990),
    other(7, "Cidre", 290, 890),
    other(7, "Liqueur", 990, 3990),
    food(8, "Légumes surgelés", 149, 590),
    food(8, "Pizza", 249, 790),
    food(8, "Glace", 249, 990),
    food(8, "Poisson surgelé", 390, 1590),
    middle(9, "Assiette", 890, 2490),
    middle(9, "Tartine garnie", 590, 1290),
    other(10, "Savon", 119, 690),
    other(10, "Shampooing", 199, 990),
    other(10, "Lessive", 390, 1890),
    other(10, "Nettoyant", 149, 690),
    other(10, "Éponge", 99, 490),
    food(11, "Bouquet", 590, 3490),
    other(11, "Carte", 150, 590),
    other(11, "Cahier", 145, 790),
    other(11, "Bougie", 199, 1890),
];

/// What a food may be like; the last [`NEUTRAL_MANNERS`] suit anything.
pub(crate) static MANNERS: [&str; 48] = [
    "au levain",
    "aux noisettes",
    "aux amandes",
    "au citron",
    "à l'orange",
    "aux fraises",
    "aux framboises",
    "aux myrtilles",
    "à la vanille",
    "au chocolat",
    "au caramel",
    "au spéculoos",
    "à la cannelle",
    "au gingembre",
    "au miel",
    "aux herbes",
    "à l'ail",
    "au poivre",
    "au paprika",
    "à la tomate",
    "au basilic",
    "à la moutarde",
    "fumé",
    "corsé",
    "complet",
    "sans sucre",
    "sans gluten",
    "sans lactose",
    "croustillant",
    "moelleux",
    "fruité",
    "gourmand",
    "à l'ancienne",
    "artisanal",
    "nature",
    "léger",
    "extra",
    "fin",
    "doux",
    "rustique",
    "bio",
    "du terroir",
    "de saison",
    "de fête",
    "familial",
    "intense",
    "royal",
    "maison",
];

/// How many of [`MANNERS`], from the end, suit what nobody eats.
pub(crate) const NEUTRAL_MANNERS: usize = 16;

pub(crate) static MAKERS: [&str; 24] = [
    "Ferme",
    "Moulin",
    "Maison",
    "Atelier",
    "Domaine",
    "Brasserie",
    "Fournil",
    "Verger",
    "Jardin",
    "Laiterie",
    "Abbaye",
    "Comptoir",
    "Grange",
    "Relais",
    "Cense",
    "Clos",
    "Potager",
    "Cave",
    "Cellier",
    "Rucher",
    "Fabrique",
    "Cuisine",
    "Halle",
    "Marché",
];

pub(crate) static PLACES: [&str; 40] = [
    "des Hêtres",
    "du Vieux Pont",
    "de la Sûre",
    "des Quatre Vents",
    "du Tilleul",
    "de l'Écluse",
    "des Trois Chênes",
    "du Val Fleuri",
    "de la Houille",
    "des Bruyères",
    "du Grand Pré",
    "de l'Étang Bleu",
    "des Genêts",
    "du Ri d'Or",
    "de la Haute Borne",
    "des Aubépines",
    "du Pas de Loup",
    "de la Source",
    "des Charmes",
    "du Bois Joli",
    "de l'Ancienne Gare",
    "des Remparts",
    "du Coq Rouge",
    "de la Meule",
    "des Sorbiers",
    "du Haut Marais",
    "de l'Hirondelle",
    "des Moissons",
    "du Chemin Vert",
    "de la Tour Carrée",
    "des Peupliers",
    "du Petit Lac",
    "de l'Alouette",
    "des Glaneurs",
    "du Roc Noir",
    "de la Fagne",
    "des Saules",
    "du Clair Matin",
    "de l'Aurore",
    "des Primevères",
];

pub(crate) static SIZES: [&str; 16] = [
    "100 g", "125 g", "150 g", "200 g", "250 g", "330 g", "400 g", "500 g", "750 g", "1 kg", "25 cl", "33 cl", "50 cl",
    "75 cl", "1 L", "lot de 2",
];

/// Sizes of what nobody eats.
pub(crate) static GOODS_SIZES: [&str; 8] =
    ["petit modèle", "moyen modèle", "grand modèle", "lot de 2", "lot de 3", "lot de 4", "lot de 6", "lot de 10"];
