//! The sentences of codes whose facts the caller may know: `{0}` is the first of `facts`.

/// A code with the sentence that names its facts, in the order of `Language::ALL`.
pub(super) struct Named {
    pub(super) code: &'static str,
    pub(super) facts: &'static [&'static str],
    pub(super) sentences: [&'static str; 4],
}

pub(super) const fn named(code: &'static str, facts: &'static [&'static str], sentences: [&'static str; 4]) -> Named {
    Named { code, facts, sentences }
}

#[rustfmt::skip]
pub(super) const ROWS: &[Named] = &[
    named("AP-0103", &["program"], [
        "{0} has this shop open.",
        "{0} a ouvert ce magasin.",
        "{0} heeft deze winkel open.",
        "{0} hat dieses Geschäft geöffnet.",
    ]),
    named("AP-2001", &["code"], [
        "No product has the code {0}.",
        "Aucun produit n'a le code {0}.",
        "Geen enkel product heeft de code {0}.",
        "Kein Artikel hat den Code {0}.",
    ]),
    named("AP-2005", &["receipt number"], [
        "There is no sale with the receipt number {0}.",
        "Aucune vente ne porte le numéro de ticket {0}.",
        "Geen enkele verkoop heeft het ticketnummer {0}.",
        "Kein Verkauf hat die Belegnummer {0}.",
    ]),
    named("AP-3002", &["amount"], [
        "{0} is still to be paid.",
        "Il reste {0} à payer.",
        "Er moet nog {0} betaald worden.",
        "Es sind noch {0} zu zahlen.",
    ]),
    named("AP-3004", &["way to pay"], [
        "The payment by {0} was declined or stopped.",
        "Le paiement par {0} a été refusé ou interrompu.",
        "De betaling met {0} is geweigerd of gestopt.",
        "Die Zahlung mit {0} wurde abgelehnt oder abgebrochen.",
    ]),
    named("AP-3006", &["way to pay"], [
        "It is not known whether the payment by {0} went through.",
        "On ne sait pas si le paiement par {0} est passé.",
        "Het is niet zeker of de betaling met {0} gelukt is.",
        "Es ist nicht bekannt, ob die Zahlung mit {0} gelungen ist.",
    ]),
    named("AP-3007", &["way to pay"], [
        "The payment by {0} could not be made.",
        "Le paiement par {0} n'a pas pu être effectué.",
        "De betaling met {0} kon niet worden uitgevoerd.",
        "Die Zahlung mit {0} konnte nicht ausgeführt werden.",
    ]),
    named("AP-5002", &["operator", "right"], [
        "{0} does not have the right “{1}”.",
        "{0} n'a pas le droit « {1} ».",
        "{0} heeft het recht “{1}” niet.",
        "{0} hat das Recht „{1}“ nicht.",
    ]),
    named("AP-5003", &["tries left"], [
        "The PIN is wrong. Tries left before the lock: {0}.",
        "Le code est faux. Essais restants avant le blocage : {0}.",
        "De pincode is fout. Pogingen voor de blokkering: {0}.",
        "Die PIN ist falsch. Versuche bis zur Sperre: {0}.",
    ]),
    named("AP-5004", &["time left"], [
        "Too many wrong PINs: signing in is locked for another {0}.",
        "Trop de codes faux : la connexion est encore bloquée {0}.",
        "Te veel foute pincodes: aanmelden is nog {0} geblokkeerd.",
        "Zu viele falsche PINs: Die Anmeldung ist noch {0} gesperrt.",
    ]),
    named("AP-5005", &["operator"], [
        "The session of {0} is locked.",
        "La session de {0} est verrouillée.",
        "De sessie van {0} is vergrendeld.",
        "Die Sitzung von {0} ist gesperrt.",
    ]),
    named("AP-5006", &["operator"], [
        "There is already an operator {0}.",
        "Il y a déjà un opérateur {0}.",
        "Er is al een medewerker {0}.",
        "Es gibt bereits einen Bediener {0}.",
    ]),
    named("AP-5007", &["operator"], [
        "There is no operator {0}.",
        "Il n'y a pas d'opérateur {0}.",
        "Er is geen medewerker {0}.",
        "Es gibt keinen Bediener {0}.",
    ]),
    named("AP-5009", &["operator"], [
        "{0} is the last manager.",
        "{0} est la dernière personne à être responsable.",
        "{0} is de laatste verantwoordelijke.",
        "{0} ist die letzte Person mit der Rolle Leitung.",
    ]),
    named("AP-6004", &["product"], [
        "{0} already has this article number or barcode.",
        "{0} a déjà ce numéro d'article ou ce code-barres.",
        "{0} heeft dit artikelnummer of deze barcode al.",
        "{0} hat diese Artikelnummer oder diesen Strichcode schon.",
    ]),
    named("AP-7001", &["setting"], [
        "There is no setting {0}.",
        "Il n'y a pas de réglage {0}.",
        "Er is geen instelling {0}.",
        "Es gibt keine Einstellung {0}.",
    ]),
    named("AP-7002", &["setting"], [
        "The setting {0} cannot have this value.",
        "Le réglage {0} ne peut pas avoir cette valeur.",
        "De instelling {0} kan deze waarde niet hebben.",
        "Die Einstellung {0} kann diesen Wert nicht haben.",
    ]),
];
