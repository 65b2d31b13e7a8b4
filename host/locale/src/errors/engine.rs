//! The engine's codes, AP-1xxx to AP-9xxx: English, French, Dutch, German.

use super::Row;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    // Register and start.
    ("AP-1001", [
        ("There is no shop in this data folder.", "Set up a shop, or restore one from a backup."),
        ("Il n'y a pas de magasin dans ce dossier de données.", "Créez un magasin ou restaurez-en un depuis une sauvegarde."),
        ("Er is geen winkel in deze gegevensmap.", "Stel een winkel in of zet er een terug uit een back-up."),
        ("In diesem Datenordner gibt es kein Geschäft.", "Richten Sie ein Geschäft ein oder stellen Sie eines aus einer Sicherung wieder her."),
    ]),
    ("AP-1002", [
        ("There is a shop here already.", "Use another data folder for another shop."),
        ("Il y a déjà un magasin ici.", "Utilisez un autre dossier de données pour un autre magasin."),
        ("Er is hier al een winkel.", "Gebruik een andere gegevensmap voor een andere winkel."),
        ("Hier gibt es bereits ein Geschäft.", "Verwenden Sie für ein anderes Geschäft einen anderen Datenordner."),
    ]),
    ("AP-1003", [
        ("Something in the shop's data is not possible.", "Correct the marked field and try again."),
        ("Une donnée du magasin n'est pas possible.", "Corrigez le champ marqué et réessayez."),
        ("Iets in de winkelgegevens kan niet.", "Verbeter het aangeduide veld en probeer opnieuw."),
        ("Eine Angabe zum Geschäft ist nicht möglich.", "Korrigieren Sie das markierte Feld und versuchen Sie es erneut."),
    ]),
    ("AP-1004", [
        ("The data of this register does not fit together.", "Restore a backup, or call support before you sell."),
        ("Les données de cette caisse ne concordent pas.", "Restaurez une sauvegarde ou appelez l'assistance avant de vendre."),
        ("De gegevens van deze kassa kloppen niet met elkaar.", "Zet een back-up terug of bel de helpdesk voor u verkoopt."),
        ("Die Daten dieser Kasse passen nicht zusammen.", "Stellen Sie eine Sicherung wieder her oder rufen Sie vor dem Verkauf den Support an."),
    ]),
    ("AP-1005", [
        ("The storage has not confirmed the last entry yet.", "Wait: selling goes on as soon as it answers. Nothing is charged or numbered twice."),
        ("Le stockage n'a pas encore confirmé la dernière écriture.", "Attendez : la vente reprend dès qu'il répond. Rien n'est débité ni numéroté deux fois."),
        ("De opslag heeft de laatste boeking nog niet bevestigd.", "Wacht: verkopen kan weer zodra ze antwoordt. Niets wordt dubbel afgerekend of genummerd."),
        ("Der Speicher hat die letzte Buchung noch nicht bestätigt.", "Warten Sie: Es geht weiter, sobald er antwortet. Nichts wird doppelt abgebucht oder nummeriert."),
    ]),
    ("AP-1006", [
        ("The data was changed by another program and was read again.", "Try again."),
        ("Les données ont été modifiées par un autre programme et ont été relues.", "Réessayez."),
        ("De gegevens zijn door een ander programma gewijzigd en opnieuw gelezen.", "Probeer opnieuw."),
        ("Die Daten wurden von einem anderen Programm geändert und neu gelesen.", "Versuchen Sie es erneut."),
    ]),
    ("AP-1007", [
        ("Too many people are signed in on this register.", "Sign somebody out first."),
        ("Trop de personnes sont connectées sur cette caisse.", "Déconnectez d'abord quelqu'un."),
        ("Er zijn te veel mensen aangemeld op deze kassa.", "Meld eerst iemand af."),
        ("An dieser Kasse sind zu viele Personen angemeldet.", "Melden Sie zuerst jemanden ab."),
    ]),
    ("AP-1008", [
        ("The register is very busy, so nothing was done.", "Try again in a moment."),
        ("La caisse est très occupée ; rien n'a été fait.", "Réessayez dans un instant."),
        ("De kassa heeft het erg druk; er is niets gebeurd.", "Probeer het zo meteen opnieuw."),
        ("Die Kasse ist stark ausgelastet; es ist nichts geschehen.", "Versuchen Sie es gleich noch einmal."),
    ]),
    ("AP-1009", [
        ("Something of this shop is newer than this program.", "Update AuraPOS on this register: another register of the shop has a newer one."),
        ("Une donnée de ce magasin est plus récente que ce programme.", "Mettez AuraPOS à jour sur cette caisse : une autre caisse du magasin en a une version plus récente."),
        ("Iets van deze winkel is nieuwer dan dit programma.", "Werk AuraPOS bij op deze kassa: een andere kassa van de winkel heeft een nieuwere versie."),
        ("Etwas in diesem Geschäft ist neuer als dieses Programm.", "Aktualisieren Sie AuraPOS an dieser Kasse: Eine andere Kasse des Geschäfts hat eine neuere Version."),
    ]),
    ("AP-1010", [
        ("There is no such finding.", "Look at the list of findings again."),
        ("Cette constatation n'existe pas.", "Consultez à nouveau la liste des constatations."),
        ("Deze bevinding bestaat niet.", "Bekijk de lijst met bevindingen opnieuw."),
        ("Diesen Befund gibt es nicht.", "Sehen Sie die Liste der Befunde noch einmal an."),
    ]),
    ("AP-1011", [
        ("Another register of the shop has this code.", "Choose a code that no register of the shop has."),
        ("Une autre caisse du magasin porte ce code.", "Choisissez un code qu'aucune caisse du magasin ne porte."),
        ("Een andere kassa van de winkel heeft deze code.", "Kies een code die geen kassa van de winkel heeft."),
        ("Eine andere Kasse des Geschäfts hat diesen Code.", "Wählen Sie einen Code, den keine Kasse des Geschäfts hat."),
    ]),

    // Ticket and sale.
    ("AP-2001", [
        ("No product has this code.", "Check the code, search by name, or add the product."),
        ("Aucun produit n'a ce code.", "Vérifiez le code, cherchez par nom ou ajoutez le produit."),
        ("Geen enkel product heeft deze code.", "Controleer de code, zoek op naam of voeg het product toe."),
        ("Kein Artikel hat diesen Code.", "Prüfen Sie den Code, suchen Sie nach dem Namen oder legen Sie den Artikel an."),
    ]),
    ("AP-2002", [
        ("The ticket does not take this change.", "Correct the line and try again."),
        ("Le ticket n'accepte pas cette modification.", "Corrigez la ligne et réessayez."),
        ("Het ticket aanvaardt deze wijziging niet.", "Verbeter de lijn en probeer opnieuw."),
        ("Der Beleg nimmt diese Änderung nicht an.", "Korrigieren Sie die Zeile und versuchen Sie es erneut."),
    ]),
    ("AP-2003", [
        ("There is nothing on the ticket.", "Scan or choose a product first."),
        ("Il n'y a rien sur le ticket.", "Scannez ou choisissez d'abord un produit."),
        ("Er staat niets op het ticket.", "Scan of kies eerst een product."),
        ("Auf dem Beleg steht nichts.", "Scannen oder wählen Sie zuerst einen Artikel."),
    ]),
    ("AP-2004", [
        ("The ticket is already partly paid and cannot be changed.", "Finish the payment, or take the payments back first."),
        ("Le ticket est déjà payé en partie et ne peut plus changer.", "Terminez le paiement ou annulez d'abord les paiements."),
        ("Het ticket is al deels betaald en kan niet meer veranderen.", "Rond de betaling af of neem eerst de betalingen terug."),
        ("Der Beleg ist schon teilweise bezahlt und kann nicht mehr geändert werden.", "Schließen Sie die Zahlung ab oder nehmen Sie die Zahlungen zuerst zurück."),
    ]),
    ("AP-2005", [
        ("There is no sale with this receipt number.", "Check the number on the receipt, or look for the sale under Orders."),
        ("Aucune vente ne porte ce numéro de ticket.", "Vérifiez le numéro sur le ticket ou cherchez la vente dans Tickets."),
        ("Geen enkele verkoop heeft dit ticketnummer.", "Controleer het nummer op het ticket of zoek de verkoop bij Tickets."),
        ("Kein Verkauf hat diese Belegnummer.", "Prüfen Sie die Nummer auf dem Beleg oder suchen Sie den Verkauf unter Belege."),
    ]),
    ("AP-2006", [
        ("More would come back than was sold.", "Take back at most what remains of this sale."),
        ("On rendrait plus que ce qui a été vendu.", "Reprenez au plus ce qui reste de cette vente."),
        ("Er zou meer terugkomen dan er verkocht is.", "Neem ten hoogste terug wat van deze verkoop overblijft."),
        ("Es würde mehr zurückgenommen als verkauft wurde.", "Nehmen Sie höchstens zurück, was von diesem Verkauf übrig ist."),
    ]),
    ("AP-2007", [
        ("This sale is still being worked on.", "Wait a moment for it to finish."),
        ("Cette vente est encore en cours de traitement.", "Attendez un instant qu'elle se termine."),
        ("Deze verkoop wordt nog verwerkt.", "Wacht even tot ze klaar is."),
        ("Dieser Verkauf wird noch bearbeitet.", "Warten Sie einen Augenblick, bis er fertig ist."),
    ]),
    ("AP-2008", [
        ("The totals of this sale do not add up, so nothing was stored.", "Keep the ticket on the screen and call support."),
        ("Les totaux de cette vente ne concordent pas ; rien n'a été enregistré.", "Gardez le ticket à l'écran et appelez l'assistance."),
        ("De totalen van deze verkoop kloppen niet; er is niets bewaard.", "Houd het ticket op het scherm en bel de helpdesk."),
        ("Die Summen dieses Verkaufs gehen nicht auf; es wurde nichts gespeichert.", "Lassen Sie den Beleg auf dem Bildschirm und rufen Sie den Support an."),
    ]),
    ("AP-2009", [
        ("This quantity or price is not possible for this product.", "Check what was typed and try again."),
        ("Cette quantité ou ce prix n'est pas possible pour ce produit.", "Vérifiez la saisie et réessayez."),
        ("Deze hoeveelheid of prijs kan niet voor dit product.", "Controleer de invoer en probeer opnieuw."),
        ("Diese Menge oder dieser Preis ist für diesen Artikel nicht möglich.", "Prüfen Sie die Eingabe und versuchen Sie es erneut."),
    ]),
    ("AP-2010", [
        ("A receipt may not have been printed.", "Print it again from the list of sales if it is wanted."),
        ("Un ticket n'a peut-être pas été imprimé.", "Réimprimez-le depuis la liste des ventes si nécessaire."),
        ("Een kasticket is misschien niet afgedrukt.", "Druk het opnieuw af vanuit de lijst met verkopen als het nodig is."),
        ("Ein Kassenbon wurde vielleicht nicht gedruckt.", "Drucken Sie ihn bei Bedarf aus der Liste der Verkäufe erneut."),
    ]),

    // Payment.
    ("AP-3001", [
        ("This way to pay does not exist on this register.", "Choose one of the ways to pay on the screen."),
        ("Ce moyen de paiement n'existe pas sur cette caisse.", "Choisissez un des moyens de paiement à l'écran."),
        ("Deze betaalwijze bestaat niet op deze kassa.", "Kies een van de betaalwijzen op het scherm."),
        ("Diese Zahlungsart gibt es an dieser Kasse nicht.", "Wählen Sie eine der Zahlungsarten auf dem Bildschirm."),
    ]),
    ("AP-3002", [
        ("The sale is not fully paid yet.", "Take a payment for what is still due."),
        ("La vente n'est pas encore payée en entier.", "Encaissez ce qui reste à payer."),
        ("De verkoop is nog niet volledig betaald.", "Ontvang een betaling voor wat nog openstaat."),
        ("Der Verkauf ist noch nicht vollständig bezahlt.", "Kassieren Sie, was noch offen ist."),
    ]),
    ("AP-3003", [
        ("This amount is not possible for this way to pay.", "Correct the amount."),
        ("Ce montant n'est pas possible pour ce moyen de paiement.", "Corrigez le montant."),
        ("Dit bedrag kan niet voor deze betaalwijze.", "Verbeter het bedrag."),
        ("Dieser Betrag ist für diese Zahlungsart nicht möglich.", "Korrigieren Sie den Betrag."),
    ]),
    ("AP-3004", [
        ("The payment was declined or stopped.", "The ticket is kept: choose another way to pay."),
        ("Le paiement a été refusé ou interrompu.", "Le ticket est conservé : choisissez un autre moyen de paiement."),
        ("De betaling is geweigerd of gestopt.", "Het ticket blijft bewaard: kies een andere betaalwijze."),
        ("Die Zahlung wurde abgelehnt oder abgebrochen.", "Der Beleg bleibt erhalten: Wählen Sie eine andere Zahlungsart."),
    ]),
    ("AP-3005", [
        ("The answer to the payment does not add up and was refused.", "The ticket is kept: choose another way to pay and tell the shop owner."),
        ("La réponse au paiement est incohérente et a été refusée.", "Le ticket est conservé : choisissez un autre moyen de paiement et prévenez le gérant."),
        ("Het antwoord op de betaling klopt niet en is geweigerd.", "Het ticket blijft bewaard: kies een andere betaalwijze en verwittig de zaakvoerder."),
        ("Die Antwort auf die Zahlung geht nicht auf und wurde abgelehnt.", "Der Beleg bleibt erhalten: Wählen Sie eine andere Zahlungsart und informieren Sie den Inhaber."),
    ]),
    ("AP-3006", [
        ("It is not known whether the payment went through.", "Look at the terminal and ask again; never charge a second time."),
        ("On ne sait pas si le paiement est passé.", "Regardez le terminal et redemandez ; ne débitez jamais une seconde fois."),
        ("Het is niet zeker of de betaling gelukt is.", "Kijk op de terminal en vraag het opnieuw; reken nooit een tweede keer af."),
        ("Es ist nicht bekannt, ob die Zahlung gelungen ist.", "Sehen Sie am Terminal nach und fragen Sie erneut ab; buchen Sie nie ein zweites Mal ab."),
    ]),
    ("AP-3007", [
        ("The payment could not be made.", "The ticket is kept: try again, or choose another way to pay."),
        ("Le paiement n'a pas pu être effectué.", "Le ticket est conservé : réessayez ou choisissez un autre moyen de paiement."),
        ("De betaling kon niet worden uitgevoerd.", "Het ticket blijft bewaard: probeer opnieuw of kies een andere betaalwijze."),
        ("Die Zahlung konnte nicht ausgeführt werden.", "Der Beleg bleibt erhalten: Versuchen Sie es erneut oder wählen Sie eine andere Zahlungsart."),
    ]),
    ("AP-3008", [
        ("A payment of this ticket is going on.", "Wait for the answer of the payment."),
        ("Un paiement de ce ticket est en cours.", "Attendez la réponse du paiement."),
        ("Er loopt een betaling van dit ticket.", "Wacht op het antwoord van de betaling."),
        ("Eine Zahlung dieses Belegs läuft.", "Warten Sie auf die Antwort der Zahlung."),
    ]),
    ("AP-3009", [
        ("There is no payment to cancel.", "Look at the ticket: it says how the payment stands."),
        ("Il n'y a pas de paiement à annuler.", "Regardez le ticket : il indique où en est le paiement."),
        ("Er is geen betaling om te annuleren.", "Kijk op het ticket: daar staat hoe het met de betaling zit."),
        ("Es gibt keine Zahlung zum Abbrechen.", "Sehen Sie auf den Beleg: Er zeigt, wie es um die Zahlung steht."),
    ]),

    // Drawer.
    ("AP-4001", [
        ("The drawer is not open.", "Open it with its float first."),
        ("Le tiroir n'est pas ouvert.", "Ouvrez-le d'abord avec son fond de caisse."),
        ("De lade is niet open.", "Open ze eerst met het wisselgeld."),
        ("Die Kassenlade ist nicht geöffnet.", "Öffnen Sie sie zuerst mit dem Anfangsbestand."),
    ]),
    ("AP-4002", [
        ("The drawer is already open.", "Go on selling in it."),
        ("Le tiroir est déjà ouvert.", "Continuez à vendre avec ce tiroir."),
        ("De lade is al open.", "Verkoop er gewoon mee verder."),
        ("Die Kassenlade ist bereits geöffnet.", "Verkaufen Sie einfach mit ihr weiter."),
    ]),
    ("AP-4003", [
        ("This amount is not possible.", "Correct the amount."),
        ("Ce montant n'est pas possible.", "Corrigez le montant."),
        ("Dit bedrag kan niet.", "Verbeter het bedrag."),
        ("Dieser Betrag ist nicht möglich.", "Korrigieren Sie den Betrag."),
    ]),
    ("AP-4004", [
        ("The drawer was opened on an earlier day.", "Selling goes on, and each sale counts for its own day."),
        ("Le tiroir a été ouvert un jour précédent.", "La vente continue ; chaque vente compte pour son propre jour."),
        ("De lade is op een eerdere dag geopend.", "Verkopen gaat gewoon door; elke verkoop telt voor haar eigen dag."),
        ("Die Kassenlade wurde an einem früheren Tag geöffnet.", "Der Verkauf geht weiter; jeder Verkauf zählt für seinen eigenen Tag."),
    ]),

    // People and rights.
    ("AP-5001", [
        ("Nobody is signed in.", "Sign in first."),
        ("Personne n'est connecté.", "Connectez-vous d'abord."),
        ("Er is niemand aangemeld.", "Meld u eerst aan."),
        ("Niemand ist angemeldet.", "Melden Sie sich zuerst an."),
    ]),
    ("AP-5002", [
        ("You may not do this.", "Ask a manager to do it."),
        ("Vous n'avez pas le droit de faire cela.", "Demandez à un responsable de le faire."),
        ("U mag dit niet doen.", "Vraag het aan een verantwoordelijke."),
        ("Sie dürfen das nicht.", "Bitten Sie eine Leitung, es zu tun."),
    ]),
    ("AP-5003", [
        ("The PIN is wrong.", "Check the name and type the PIN again."),
        ("Le code est faux.", "Vérifiez le nom et retapez le code."),
        ("De pincode is fout.", "Controleer de naam en voer de pincode opnieuw in."),
        ("Die PIN ist falsch.", "Prüfen Sie den Namen und geben Sie die PIN erneut ein."),
    ]),
    ("AP-5004", [
        ("Too many wrong PINs: signing in is locked for a while.", "Wait until the lock ends, or ask a manager."),
        ("Trop de codes faux : la connexion est bloquée un moment.", "Attendez la fin du blocage ou appelez un responsable."),
        ("Te veel foute pincodes: aanmelden is even geblokkeerd.", "Wacht tot de blokkering voorbij is of vraag een verantwoordelijke."),
        ("Zu viele falsche PINs: Die Anmeldung ist eine Weile gesperrt.", "Warten Sie das Ende der Sperre ab oder fragen Sie eine Leitung."),
    ]),
    ("AP-5005", [
        ("The register is locked.", "Type your PIN to go on."),
        ("La caisse est verrouillée.", "Tapez votre code pour continuer."),
        ("De kassa is vergrendeld.", "Voer uw pincode in om verder te gaan."),
        ("Die Kasse ist gesperrt.", "Geben Sie Ihre PIN ein, um weiterzumachen."),
    ]),
    ("AP-5006", [
        ("Another operator has this name.", "Choose another name, or enable the operator of this name again."),
        ("Un autre opérateur porte ce nom.", "Choisissez un autre nom ou réactivez l'opérateur de ce nom."),
        ("Een andere medewerker heeft deze naam.", "Kies een andere naam of activeer de medewerker met deze naam opnieuw."),
        ("Ein anderer Bediener hat diesen Namen.", "Wählen Sie einen anderen Namen oder aktivieren Sie den Bediener dieses Namens wieder."),
    ]),
    ("AP-5007", [
        ("There is no operator of this name.", "Choose a name from the list of operators."),
        ("Aucun opérateur ne porte ce nom.", "Choisissez un nom dans la liste des opérateurs."),
        ("Geen enkele medewerker heeft deze naam.", "Kies een naam uit de lijst van medewerkers."),
        ("Kein Bediener hat diesen Namen.", "Wählen Sie einen Namen aus der Liste der Bediener."),
    ]),
    ("AP-5008", [
        ("This name, PIN or role is not possible.", "Use a name that fits on a receipt and a PIN of 4 to 8 digits that is not easy to guess."),
        ("Ce nom, ce code ou ce rôle n'est pas possible.", "Prenez un nom qui tient sur un ticket et un code de 4 à 8 chiffres difficile à deviner."),
        ("Deze naam, pincode of rol kan niet.", "Neem een naam die op een ticket past en een pincode van 4 tot 8 cijfers die moeilijk te raden is."),
        ("Dieser Name, diese PIN oder diese Rolle ist nicht möglich.", "Nehmen Sie einen Namen, der auf einen Beleg passt, und eine schwer zu erratende PIN aus 4 bis 8 Ziffern."),
    ]),
    ("AP-5009", [
        ("The shop would be left without a manager.", "Make another operator a manager first."),
        ("Le magasin n'aurait plus de responsable.", "Nommez d'abord un autre responsable."),
        ("De winkel zou geen verantwoordelijke meer hebben.", "Maak eerst een andere medewerker verantwoordelijke."),
        ("Das Geschäft hätte keine Leitung mehr.", "Geben Sie zuerst einem anderen Bediener die Rolle Leitung."),
    ]),
    ("AP-5010", [
        ("There is no such role.", "Choose a role from the list of roles."),
        ("Ce rôle n'existe pas.", "Choisissez un rôle dans la liste des rôles."),
        ("Deze rol bestaat niet.", "Kies een rol uit de lijst van rollen."),
        ("Diese Rolle gibt es nicht.", "Wählen Sie eine Rolle aus der Liste der Rollen."),
    ]),
    ("AP-5011", [
        ("This is not possible for a role.", "Give it a name of its own; the manager's role always allows everything."),
        ("Ce n'est pas possible pour un rôle.", "Donnez-lui un nom bien à lui ; le rôle Responsable permet toujours tout."),
        ("Dit kan niet voor een rol.", "Geef ze een eigen naam; de rol Verantwoordelijke mag altijd alles."),
        ("Das ist für eine Rolle nicht möglich.", "Geben Sie ihr einen eigenen Namen; die Rolle Leitung darf immer alles."),
    ]),
    ("AP-5012", [
        ("Somebody has this role.", "Give whoever has it another role first."),
        ("Quelqu'un a ce rôle.", "Donnez d'abord un autre rôle à qui l'a."),
        ("Iemand heeft deze rol.", "Geef wie ze heeft eerst een andere rol."),
        ("Jemand hat diese Rolle.", "Geben Sie allen, die sie haben, zuerst eine andere Rolle."),
    ]),

    // Catalog, import and export.
    ("AP-6001", [
        ("This file is not a list of products.", "Save the list as CSV (UTF-8) with a header line and import it again."),
        ("Ce fichier n'est pas une liste de produits.", "Enregistrez la liste en CSV (UTF-8) avec une ligne d'en-tête et réimportez-la."),
        ("Dit bestand is geen productlijst.", "Bewaar de lijst als CSV (UTF-8) met een kopregel en importeer ze opnieuw."),
        ("Diese Datei ist keine Artikelliste.", "Speichern Sie die Liste als CSV (UTF-8) mit Kopfzeile und importieren Sie sie erneut."),
    ]),
    ("AP-6002", [
        ("The export could not be written.", "Check the folder and the room on its disk, then export again."),
        ("L'export n'a pas pu être écrit.", "Vérifiez le dossier et la place sur son disque, puis exportez à nouveau."),
        ("De export kon niet worden geschreven.", "Controleer de map en de ruimte op de schijf en exporteer opnieuw."),
        ("Der Export konnte nicht geschrieben werden.", "Prüfen Sie den Ordner und den Platz auf dem Datenträger und exportieren Sie erneut."),
    ]),
    ("AP-6003", [
        ("Something about this product is not possible.", "Correct the marked field and save again."),
        ("Une donnée de ce produit n'est pas possible.", "Corrigez le champ marqué et enregistrez à nouveau."),
        ("Iets aan dit product kan niet.", "Verbeter het aangeduide veld en bewaar opnieuw."),
        ("Eine Angabe zu diesem Artikel ist nicht möglich.", "Korrigieren Sie das markierte Feld und speichern Sie erneut."),
    ]),
    ("AP-6004", [
        ("Another product already has this article number or barcode.", "Choose another one, or change the product that has it."),
        ("Un autre produit a déjà ce numéro d'article ou ce code-barres.", "Choisissez-en un autre ou modifiez le produit qui l'a."),
        ("Een ander product heeft dit artikelnummer of deze barcode al.", "Kies een andere of wijzig het product dat ze heeft."),
        ("Ein anderer Artikel hat diese Artikelnummer oder diesen Strichcode schon.", "Wählen Sie etwas anderes oder ändern Sie den anderen Artikel."),
    ]),
    ("AP-6005", [
        ("This product is not there any more.", "Open the list of products again: it may have been changed elsewhere."),
        ("Ce produit n'existe plus.", "Rouvrez la liste des produits : il a pu être modifié ailleurs."),
        ("Dit product is er niet meer.", "Open de productlijst opnieuw: het is misschien elders gewijzigd."),
        ("Diesen Artikel gibt es nicht mehr.", "Öffnen Sie die Artikelliste erneut: Er wurde vielleicht anderswo geändert."),
    ]),

    // Settings and reads.
    ("AP-7001", [
        ("There is no such setting.", "Choose one on the Settings screen."),
        ("Ce réglage n'existe pas.", "Choisissez-en un dans l'écran Réglages."),
        ("Deze instelling bestaat niet.", "Kies er een op het scherm Instellingen."),
        ("Diese Einstellung gibt es nicht.", "Wählen Sie eine im Bildschirm Einstellungen."),
    ]),
    ("AP-7002", [
        ("The setting cannot have this value.", "Choose one of the values that the screen offers."),
        ("Le réglage ne peut pas avoir cette valeur.", "Choisissez une des valeurs proposées à l'écran."),
        ("De instelling kan deze waarde niet hebben.", "Kies een van de waarden die het scherm aanbiedt."),
        ("Die Einstellung kann diesen Wert nicht haben.", "Wählen Sie einen der Werte, die der Bildschirm anbietet."),
    ]),
    ("AP-7003", [
        ("It was cancelled before it was done.", "Nothing was changed. Start it again when there is time."),
        ("L'opération a été annulée avant la fin.", "Rien n'a changé. Relancez-la quand vous aurez le temps."),
        ("Het is geannuleerd voor het klaar was.", "Er is niets gewijzigd. Start het opnieuw als er tijd is."),
        ("Der Vorgang wurde vor dem Ende abgebrochen.", "Es wurde nichts geändert. Starten Sie ihn erneut, wenn Zeit ist."),
    ]),

    // Storage.
    ("AP-8001", [
        ("The disk is full, so nothing was stored.", "Make room on the disk and try again."),
        ("Le disque est plein ; rien n'a été enregistré.", "Libérez de la place sur le disque et réessayez."),
        ("De schijf is vol; er is niets bewaard.", "Maak plaats op de schijf en probeer opnieuw."),
        ("Der Datenträger ist voll; es wurde nichts gespeichert.", "Schaffen Sie Platz auf dem Datenträger und versuchen Sie es erneut."),
    ]),
    ("AP-8002", [
        ("The storage is busy.", "Try again in a moment."),
        ("Le stockage est occupé.", "Réessayez dans un instant."),
        ("De opslag is bezig.", "Probeer het zo meteen opnieuw."),
        ("Der Speicher ist beschäftigt.", "Versuchen Sie es gleich noch einmal."),
    ]),
    ("AP-8003", [
        ("The storage failed, so nothing was stored.", "Try again; if it happens again, restart AuraPOS and call support."),
        ("Le stockage a échoué ; rien n'a été enregistré.", "Réessayez ; si cela continue, redémarrez AuraPOS et appelez l'assistance."),
        ("De opslag liet het afweten; er is niets bewaard.", "Probeer opnieuw; blijft het gebeuren, herstart AuraPOS en bel de helpdesk."),
        ("Der Speicher hat versagt; es wurde nichts gespeichert.", "Versuchen Sie es erneut; bleibt es so, starten Sie AuraPOS neu und rufen Sie den Support an."),
    ]),
    ("AP-8004", [
        ("The shop's data is damaged.", "Restore a backup: the Backups screen lists them."),
        ("Les données du magasin sont endommagées.", "Restaurez une sauvegarde : l'écran Sauvegardes les montre."),
        ("De gegevens van de winkel zijn beschadigd.", "Zet een back-up terug: het scherm Back-ups toont ze."),
        ("Die Daten des Geschäfts sind beschädigt.", "Stellen Sie eine Sicherung wieder her: Der Bildschirm Sicherungen zeigt sie."),
    ]),
    ("AP-8005", [
        ("The shop's data was written by a newer AuraPOS.", "Install the newer version of AuraPOS."),
        ("Les données du magasin viennent d'une version plus récente d'AuraPOS.", "Installez la version plus récente d'AuraPOS."),
        ("De gegevens van de winkel komen van een nieuwere AuraPOS.", "Installeer de nieuwere versie van AuraPOS."),
        ("Die Daten des Geschäfts stammen von einem neueren AuraPOS.", "Installieren Sie die neuere Version von AuraPOS."),
    ]),
    ("AP-8006", [
        ("The shop's data can only be read at the moment.", "Close the program that has the shop open, then try again."),
        ("Les données du magasin ne peuvent être que lues pour l'instant.", "Fermez le programme qui a ouvert le magasin, puis réessayez."),
        ("De gegevens van de winkel kunnen nu alleen gelezen worden.", "Sluit het programma dat de winkel open heeft en probeer opnieuw."),
        ("Die Daten des Geschäfts können zurzeit nur gelesen werden.", "Schließen Sie das Programm, das das Geschäft geöffnet hat, und versuchen Sie es erneut."),
    ]),
    ("AP-8008", [
        ("The server with the shop's data does not answer.", "See whether it is on and the network is there; AuraPOS goes on by itself as soon as it answers."),
        ("Le serveur qui contient les données du magasin ne répond pas.", "Vérifiez qu'il est allumé et que le réseau fonctionne ; AuraPOS reprend de lui-même dès qu'il répond."),
        ("De server met de gegevens van de winkel antwoordt niet.", "Kijk of hij aan staat en of het netwerk werkt; AuraPOS gaat vanzelf verder zodra hij antwoordt."),
        ("Der Server mit den Daten des Geschäfts antwortet nicht.", "Prüfen Sie, ob er läuft und das Netzwerk da ist; AuraPOS macht von selbst weiter, sobald er antwortet."),
    ]),
    ("AP-8007", [
        ("A stored record does not hold what it should.", "Call support; restore a backup if they say so."),
        ("Un enregistrement ne contient pas ce qu'il devrait.", "Appelez l'assistance ; restaurez une sauvegarde si elle le demande."),
        ("Een bewaard gegeven bevat niet wat het hoort te bevatten.", "Bel de helpdesk; zet een back-up terug als die het zegt."),
        ("Ein gespeicherter Eintrag enthält nicht, was er soll.", "Rufen Sie den Support an; stellen Sie eine Sicherung wieder her, wenn er es sagt."),
    ]),

    // Bugs.
    ("AP-9001", [
        ("AuraPOS received an answer that nobody asked for.", "Go on working, and tell support."),
        ("AuraPOS a reçu une réponse que personne n'attendait.", "Continuez à travailler et prévenez l'assistance."),
        ("AuraPOS kreeg een antwoord waar niemand om vroeg.", "Werk verder en verwittig de helpdesk."),
        ("AuraPOS hat eine Antwort erhalten, die niemand erwartet hat.", "Arbeiten Sie weiter und melden Sie es dem Support."),
    ]),
    ("AP-9002", [
        ("Something went wrong inside AuraPOS, so nothing was stored.", "Try again, and tell support."),
        ("Une erreur interne s'est produite ; rien n'a été enregistré.", "Réessayez et prévenez l'assistance."),
        ("Er ging iets mis binnen AuraPOS; er is niets bewaard.", "Probeer opnieuw en verwittig de helpdesk."),
        ("In AuraPOS ist ein Fehler aufgetreten; es wurde nichts gespeichert.", "Versuchen Sie es erneut und melden Sie es dem Support."),
    ]),
];
