//! Pairing a register of another machine, and the registers of a shop, AP-0631 to AP-0643. English, French, Dutch, German.

use super::Row;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("AP-0631", [
        ("This is no pairing file of AuraPOS.", "Take the file that the master wrote for this register, whole and unchanged."),
        ("Ce n'est pas un fichier d'association d'AuraPOS.", "Prenez le fichier que le maître a écrit pour cette caisse, entier et inchangé."),
        ("Dit is geen koppelbestand van AuraPOS.", "Neem het bestand dat het hoofdtoestel voor deze kassa schreef, volledig en ongewijzigd."),
        ("Das ist keine Kopplungsdatei von AuraPOS.", "Nehmen Sie die Datei, die das Hauptgerät für diese Kasse geschrieben hat, ganz und unverändert."),
    ]),
    ("AP-0632", [
        ("The pairing file was written by a newer AuraPOS.", "Update AuraPOS on this machine, then pair it."),
        ("Le fichier d'association vient d'un AuraPOS plus récent.", "Mettez AuraPOS à jour sur cette machine, puis associez-la."),
        ("Het koppelbestand komt van een nieuwere AuraPOS.", "Werk AuraPOS bij op dit toestel en koppel het dan."),
        ("Die Kopplungsdatei stammt von einem neueren AuraPOS.", "Aktualisieren Sie AuraPOS auf diesem Gerät und koppeln Sie es dann."),
    ]),
    ("AP-0633", [
        ("The pairing code was mistyped.", "Compare it letter by letter with what the master shows. It has no 0, O, 1 and I."),
        ("Le code d'association est mal saisi.", "Comparez-le lettre par lettre avec celui du maître. Il n'a ni 0, ni O, ni 1, ni I."),
        ("De koppelcode is verkeerd getypt.", "Vergelijk ze letter voor letter met wat het hoofdtoestel toont. Ze bevat geen 0, O, 1 en I."),
        ("Der Kopplungscode ist vertippt.", "Vergleichen Sie ihn Zeichen für Zeichen mit dem des Hauptgeräts. Er enthält keine 0, O, 1 und I."),
    ]),
    ("AP-0634", [
        ("The time to use this pairing is over.", "Ask for a new one of the same register on the master."),
        ("Le délai de cette association est dépassé.", "Demandez-en une nouvelle pour la même caisse sur le maître."),
        ("De tijd om deze koppeling te gebruiken is voorbij.", "Vraag op het hoofdtoestel een nieuwe voor dezelfde kassa."),
        ("Die Frist dieser Kopplung ist abgelaufen.", "Fordern Sie am Hauptgerät eine neue für dieselbe Kasse an."),
    ]),
    ("AP-0635", [
        ("This pairing was used already.", "If it was not you, revoke that register on the master at once. Otherwise ask for a pairing of another register there."),
        ("Cette association a déjà servi.", "Si ce n'était pas vous, révoquez aussitôt cette caisse sur le maître. Sinon, demandez-y l'association d'une autre caisse."),
        ("Deze koppeling is al gebruikt.", "Was u dat niet, trek die kassa dan meteen in op het hoofdtoestel. Vraag er anders een koppeling voor een andere kassa."),
        ("Diese Kopplung wurde schon benutzt.", "Waren das nicht Sie, sperren Sie diese Kasse sofort am Hauptgerät. Sonst fordern Sie dort eine für eine andere Kasse an."),
    ]),
    ("AP-0636", [
        ("This pairing was withdrawn on the master.", "Use the newest one that the master gave, or ask for another one there."),
        ("Cette association a été retirée sur le maître.", "Utilisez la plus récente donnée par le maître ou demandez-en une autre."),
        ("Deze koppeling is op het hoofdtoestel ingetrokken.", "Gebruik de nieuwste die het hoofdtoestel gaf, of vraag er een andere."),
        ("Diese Kopplung wurde am Hauptgerät zurückgezogen.", "Benutzen Sie die neueste vom Hauptgerät, oder fordern Sie dort eine andere an."),
    ]),
    ("AP-0637", [
        ("The server does not know this pairing.", "Look whether it is the newest one and the right master, then ask for a new one there."),
        ("Le serveur ne connaît pas cette association.", "Vérifiez que c'est la plus récente et le bon maître, puis demandez-en une nouvelle."),
        ("De server kent deze koppeling niet.", "Kijk of het de nieuwste is en het juiste hoofdtoestel, en vraag er dan een nieuwe."),
        ("Der Server kennt diese Kopplung nicht.", "Prüfen Sie, ob es die neueste und das richtige Hauptgerät ist, und fordern Sie dort eine neue an."),
    ]),
    ("AP-0638", [
        ("The server at this address is not that of the shop that gave the code.", "Check the address on the master. If it is right, somebody else answers under it: pair with the file instead."),
        ("Le serveur à cette adresse n'est pas celui du magasin qui a donné le code.", "Vérifiez l'adresse sur le maître. Si elle est juste, un autre y répond : associez plutôt avec le fichier."),
        ("De server op dit adres is niet die van de winkel die de code gaf.", "Controleer het adres op het hoofdtoestel. Klopt het, dan antwoordt er iemand anders: koppel met het bestand."),
        ("Der Server unter dieser Adresse ist nicht der des Geschäfts, das den Code ausgab.", "Prüfen Sie die Adresse am Hauptgerät. Stimmt sie, antwortet dort jemand anderes: Koppeln Sie mit der Datei."),
    ]),
    ("AP-0639", [
        ("Another register has this code, or had it; no code is given twice.", "Take the next free code. A register whose machine is replaced gets a new one."),
        ("Une autre caisse a ce code ou l'a eu ; aucun code n'est donné deux fois.", "Prenez le code libre suivant. Une caisse dont la machine change en reçoit un nouveau."),
        ("Een andere kassa heeft of had deze code; geen code wordt twee keer gegeven.", "Neem de volgende vrije code. Een kassa met een nieuw toestel krijgt een nieuwe."),
        ("Eine andere Kasse hat oder hatte diesen Code; keiner wird zweimal vergeben.", "Nehmen Sie den nächsten freien Code. Eine Kasse auf neuem Gerät bekommt einen neuen."),
    ]),
    ("AP-0640", [
        ("The shop has no register of this code.", "Look at the list of registers on the master."),
        ("Le magasin n'a pas de caisse de ce code.", "Consultez la liste des caisses sur le maître."),
        ("De winkel heeft geen kassa met deze code.", "Bekijk de lijst van kassa's op het hoofdtoestel."),
        ("Das Geschäft hat keine Kasse mit diesem Code.", "Sehen Sie in der Liste der Kassen am Hauptgerät nach."),
    ]),
    ("AP-0641", [
        ("This is the register of the machine that has the server; it is not locked out.", "Only the other registers of the shop can be revoked here."),
        ("C'est la caisse de la machine qui porte le serveur ; elle ne peut être révoquée.", "Seules les autres caisses du magasin peuvent être révoquées ici."),
        ("Dit is de kassa van het toestel met de server; ze wordt niet ingetrokken.", "Alleen de andere kassa's van de winkel kunnen hier ingetrokken worden."),
        ("Das ist die Kasse des Geräts mit dem Server; sie wird nicht gesperrt.", "Nur die anderen Kassen des Geschäfts können hier gesperrt werden."),
    ]),
    ("AP-0642", [
        ("This cannot be done for the pairing of a register.", "Correct what is named below, then try again."),
        ("Ce n'est pas possible pour l'association d'une caisse.", "Corrigez ce qui est indiqué ci-dessous, puis réessayez."),
        ("Dit kan niet bij het koppelen van een kassa.", "Verbeter wat hieronder staat en probeer opnieuw."),
        ("Das ist beim Koppeln einer Kasse nicht möglich.", "Korrigieren Sie, was unten steht, und versuchen Sie es erneut."),
    ]),
    ("AP-0644", [
        ("This machine is a register of the shop already, and the pairing is one of another.", "The pairing was not used. Give the pairing of this register to go on, or another folder for another register."),
        ("Cette machine est déjà une caisse du magasin, et l'association est celle d'une autre.", "L'association n'a pas été utilisée. Donnez celle de cette caisse pour continuer, ou un autre dossier pour une autre caisse."),
        ("Dit toestel is al een kassa van de winkel en de koppeling is die van een andere.", "De koppeling is niet gebruikt. Geef die van deze kassa om door te gaan, of een andere map voor een andere kassa."),
        ("Dieses Gerät ist schon eine Kasse des Geschäfts, und die Kopplung ist die einer anderen.", "Die Kopplung wurde nicht benutzt. Geben Sie die dieser Kasse an, um fortzufahren, oder einen anderen Ordner für eine andere Kasse."),
    ]),
    ("AP-0643", [
        ("A pairing code says who the master is, but not where it is.", "Give the master's address as well, which is shown beside the code."),
        ("Un code d'association dit qui est le maître, mais pas où il est.", "Donnez aussi l'adresse du maître, affichée à côté du code."),
        ("Een koppelcode zegt wie het hoofdtoestel is, maar niet waar.", "Geef ook het adres van het hoofdtoestel, dat naast de code staat."),
        ("Ein Kopplungscode sagt, wer das Hauptgerät ist, aber nicht, wo es ist.", "Geben Sie auch die Adresse des Hauptgeräts an, die neben dem Code steht."),
    ]),
];
