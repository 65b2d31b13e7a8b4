//! The program's own codes, AP-0xxx: data folder, settings file, plugins, backups, files. English, French, Dutch, German.

use super::Row;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    ("AP-0101", [
        ("The data folder cannot be used.", "Choose a folder that you may write, or correct its owner and rights."),
        ("Le dossier de données est inutilisable.", "Choisissez un dossier où vous pouvez écrire ou corrigez ses droits."),
        ("De gegevensmap is niet bruikbaar.", "Kies een map waarin u mag schrijven of verbeter de rechten ervan."),
        ("Der Datenordner ist nicht verwendbar.", "Wählen Sie einen Ordner, in den Sie schreiben dürfen, oder korrigieren Sie seine Rechte."),
    ]),
    ("AP-0102", [
        ("The data folder cannot be written.", "Correct its owner and rights, or choose another folder."),
        ("On ne peut pas écrire dans le dossier de données.", "Corrigez ses droits ou choisissez un autre dossier."),
        ("In de gegevensmap kan niet geschreven worden.", "Verbeter de rechten ervan of kies een andere map."),
        ("In den Datenordner kann nicht geschrieben werden.", "Korrigieren Sie seine Rechte oder wählen Sie einen anderen Ordner."),
    ]),
    ("AP-0103", [
        ("Another program has this shop open.", "Close that program first, then try again."),
        ("Un autre programme a ouvert ce magasin.", "Fermez d'abord ce programme, puis réessayez."),
        ("Een ander programma heeft deze winkel open.", "Sluit eerst dat programma en probeer opnieuw."),
        ("Ein anderes Programm hat dieses Geschäft geöffnet.", "Schließen Sie zuerst dieses Programm und versuchen Sie es erneut."),
    ]),
    ("AP-0104", [
        ("The lock of the data folder could not be set.", "Check the rights of the data folder and the room on its disk."),
        ("Le verrou du dossier de données n'a pas pu être posé.", "Vérifiez les droits du dossier de données et la place sur son disque."),
        ("De gegevensmap kon niet vergrendeld worden.", "Controleer de rechten van de gegevensmap en de ruimte op de schijf."),
        ("Die Sperre des Datenordners konnte nicht gesetzt werden.", "Prüfen Sie die Rechte des Datenordners und den Platz auf dem Datenträger."),
    ]),
    ("AP-0105", [
        ("A file of the register could not be read or written.", "Check the rights of the data folder and the room on its disk."),
        ("Un fichier de la caisse n'a pas pu être lu ou écrit.", "Vérifiez les droits du dossier de données et la place sur son disque."),
        ("Een bestand van de kassa kon niet gelezen of geschreven worden.", "Controleer de rechten van de gegevensmap en de ruimte op de schijf."),
        ("Eine Datei der Kasse konnte nicht gelesen oder geschrieben werden.", "Prüfen Sie die Rechte des Datenordners und den Platz auf dem Datenträger."),
    ]),
    ("AP-0106", [
        ("A shop was set up here, but its data is missing; no new shop is made in its place.", "Put the file back, or restore a backup."),
        ("Un magasin existait ici, mais ses données manquent ; aucun nouveau n'est créé à sa place.", "Remettez le fichier en place ou restaurez une sauvegarde."),
        ("Hier was een winkel, maar de gegevens ontbreken; er komt geen nieuwe in de plaats.", "Zet het bestand terug of herstel een back-up."),
        ("Hier war ein Geschäft, aber seine Daten fehlen; es wird kein neues an seiner Stelle angelegt.", "Legen Sie die Datei zurück oder stellen Sie eine Sicherung wieder her."),
    ]),
    ("AP-0107", [
        ("The settings file and the data name two different registers.", "Write the register's own code into aurapos.toml: the code of a register does not change."),
        ("Le fichier de réglages et les données nomment deux caisses différentes.", "Écrivez le code de la caisse dans aurapos.toml : il ne change jamais."),
        ("Het instellingenbestand en de gegevens noemen twee verschillende kassa's.", "Schrijf de code van de kassa in aurapos.toml: die verandert nooit."),
        ("Die Einstellungsdatei und die Daten nennen zwei verschiedene Kassen.", "Schreiben Sie den Code der Kasse in aurapos.toml: Er ändert sich nie."),
    ]),
    ("AP-0108", [
        ("The settings file names another storage than the one that holds this register's data.", "Nothing was opened and nothing is lost: write the storage that stood in aurapos.toml before back into it."),
        ("Le fichier de réglages nomme un autre stockage que celui qui contient les données de cette caisse.", "Rien n'a été ouvert ni perdu : remettez dans aurapos.toml le stockage qui s'y trouvait."),
        ("Het instellingenbestand noemt een andere opslag dan die met de gegevens van deze kassa.", "Er is niets geopend en niets verloren: zet de opslag die in aurapos.toml stond er weer in."),
        ("Die Einstellungsdatei nennt einen anderen Speicher als den mit den Daten dieser Kasse.", "Nichts wurde geöffnet, nichts ist verloren: Schreiben Sie den Speicher, der in aurapos.toml stand, wieder hinein."),
    ]),
    ("AP-0109", [
        ("This register and the shop's shared storage hold different rows.", "Nothing is lost: both keep what they have. Look at the findings, then compare again."),
        ("Cette caisse et le stockage commun du magasin ne contiennent pas les mêmes lignes.", "Rien n'est perdu : chacun garde ce qu'il a. Consultez les constatations, puis comparez à nouveau."),
        ("Deze kassa en de gedeelde opslag van de winkel bevatten niet dezelfde rijen.", "Er is niets verloren: beide houden wat ze hebben. Bekijk de bevindingen en vergelijk opnieuw."),
        ("Diese Kasse und der gemeinsame Speicher des Geschäfts enthalten nicht dieselben Zeilen.", "Nichts ist verloren: Beide behalten, was sie haben. Sehen Sie die Befunde an und vergleichen Sie noch einmal."),
    ]),
    ("AP-0110", [
        ("That does not go with what this register is in its shop.", "Nothing was changed: the message says which step comes first."),
        ("Cela ne va pas avec le rôle de cette caisse dans le magasin.", "Rien n'a été modifié : le message indique l'étape à faire d'abord."),
        ("Dat past niet bij wat deze kassa in de winkel is.", "Er is niets gewijzigd: de melding zegt welke stap eerst komt."),
        ("Das passt nicht zu dem, was diese Kasse im Geschäft ist.", "Nichts wurde geändert: Die Meldung sagt, welcher Schritt zuerst kommt."),
    ]),
    ("AP-0201", [
        ("The settings file is missing.", "Start again with the settings that last worked."),
        ("Le fichier de réglages manque.", "Redémarrez avec les derniers réglages qui fonctionnaient."),
        ("Het instellingenbestand ontbreekt.", "Herstart met de instellingen die het laatst werkten."),
        ("Die Einstellungsdatei fehlt.", "Starten Sie mit den Einstellungen neu, die zuletzt funktionierten."),
    ]),
    ("AP-0202", [
        ("The settings file cannot be read.", "Check its rights and the disk."),
        ("Le fichier de réglages est illisible.", "Vérifiez ses droits et le disque."),
        ("Het instellingenbestand kan niet gelezen worden.", "Controleer de rechten ervan en de schijf."),
        ("Die Einstellungsdatei kann nicht gelesen werden.", "Prüfen Sie ihre Rechte und den Datenträger."),
    ]),
    ("AP-0203", [
        ("The settings file has a mistake in its form.", "Correct the line named below, or go back to the settings that last worked."),
        ("Le fichier de réglages a une faute de forme.", "Corrigez la ligne indiquée ou revenez aux derniers réglages qui fonctionnaient."),
        ("Het instellingenbestand bevat een vormfout.", "Verbeter de vermelde regel of keer terug naar de instellingen die het laatst werkten."),
        ("Die Einstellungsdatei hat einen Formfehler.", "Korrigieren Sie die genannte Zeile oder kehren Sie zu den Einstellungen zurück, die zuletzt funktionierten."),
    ]),
    ("AP-0204", [
        ("A value in the settings file is not possible.", "Correct the line named below, or go back to the settings that last worked."),
        ("Une valeur du fichier de réglages n'est pas possible.", "Corrigez la ligne indiquée ou revenez aux derniers réglages qui fonctionnaient."),
        ("Een waarde in het instellingenbestand kan niet.", "Verbeter de vermelde regel of keer terug naar de instellingen die het laatst werkten."),
        ("Ein Wert in der Einstellungsdatei ist nicht möglich.", "Korrigieren Sie die genannte Zeile oder kehren Sie zu den Einstellungen zurück, die zuletzt funktionierten."),
    ]),
    ("AP-0205", [
        ("The settings file asks for something that this version cannot do yet.", "Remove the line named below, or install a later version."),
        ("Le fichier de réglages demande ce que cette version ne sait pas encore faire.", "Retirez la ligne indiquée ou installez une version ultérieure."),
        ("Het instellingenbestand vraagt iets dat deze versie nog niet kan.", "Verwijder de vermelde regel of installeer een latere versie."),
        ("Die Einstellungsdatei verlangt etwas, was diese Version noch nicht kann.", "Entfernen Sie die genannte Zeile oder installieren Sie eine spätere Version."),
    ]),
    ("AP-0206", [
        ("The settings file could not be changed.", "Correct aurapos.toml by hand, or check its rights."),
        ("Le fichier de réglages n'a pas pu être modifié.", "Corrigez aurapos.toml à la main ou vérifiez ses droits."),
        ("Het instellingenbestand kon niet gewijzigd worden.", "Verbeter aurapos.toml met de hand of controleer de rechten ervan."),
        ("Die Einstellungsdatei konnte nicht geändert werden.", "Korrigieren Sie aurapos.toml von Hand oder prüfen Sie ihre Rechte."),
    ]),
    ("AP-0207", [
        ("There is a settings file already.", "Move it away first, or correct it."),
        ("Il y a déjà un fichier de réglages.", "Déplacez-le d'abord ou corrigez-le."),
        ("Er is al een instellingenbestand.", "Verplaats het eerst of verbeter het."),
        ("Es gibt bereits eine Einstellungsdatei.", "Legen Sie sie zuerst beiseite oder korrigieren Sie sie."),
    ]),
    ("AP-0211", [
        ("Other users of this machine can read the file of secrets, so no secret in it is used.", "Run the command chmod that is named below; choose new secrets if somebody may have read them."),
        ("D'autres utilisateurs de cette machine peuvent lire le fichier des secrets : aucun n'est utilisé.", "Lancez la commande chmod indiquée ; choisissez de nouveaux secrets si quelqu'un a pu les lire."),
        ("Andere gebruikers van dit toestel kunnen het bestand met geheimen lezen: geen enkel wordt gebruikt.", "Voer het vermelde commando chmod uit; kies nieuwe geheimen als iemand ze gelezen kan hebben."),
        ("Andere Benutzer dieses Geräts können die Datei mit Geheimnissen lesen: Keines wird benutzt.", "Führen Sie den genannten Befehl chmod aus; wählen Sie neue Geheimnisse, falls jemand sie gelesen hat."),
    ]),
    ("AP-0212", [
        ("The file of secrets cannot be read or written.", "Check who owns secrets.toml in the data folder, and the disk."),
        ("Le fichier des secrets ne peut pas être lu ou écrit.", "Vérifiez à qui appartient secrets.toml dans le dossier des données, et le disque."),
        ("Het bestand met geheimen kan niet gelezen of geschreven worden.", "Controleer van wie secrets.toml in de gegevensmap is, en de schijf."),
        ("Die Datei mit Geheimnissen kann nicht gelesen oder geschrieben werden.", "Prüfen Sie, wem secrets.toml im Datenordner gehört, und den Datenträger."),
    ]),
    ("AP-0213", [
        ("The file of secrets is damaged.", "Correct secrets.toml, or move it away and set the secrets again with aurapos-admin."),
        ("Le fichier des secrets est endommagé.", "Corrigez secrets.toml ou mettez-le de côté et redonnez les secrets avec aurapos-admin."),
        ("Het bestand met geheimen is beschadigd.", "Verbeter secrets.toml of leg het opzij en geef de geheimen opnieuw met aurapos-admin."),
        ("Die Datei mit Geheimnissen ist beschädigt.", "Korrigieren Sie secrets.toml oder legen Sie sie beiseite und setzen Sie die Geheimnisse mit aurapos-admin neu."),
    ]),
    ("AP-0214", [
        ("Other users of this machine may write into the data folder, so no secret is kept there.", "Take that right away first, with the command chmod that is named below."),
        ("D'autres utilisateurs de cette machine peuvent écrire dans le dossier des données : aucun secret n'y est gardé.", "Retirez d'abord ce droit avec la commande chmod indiquée."),
        ("Andere gebruikers van dit toestel mogen in de gegevensmap schrijven: er wordt geen geheim bewaard.", "Neem eerst dat recht weg met het vermelde commando chmod."),
        ("Andere Benutzer dieses Geräts dürfen in den Datenordner schreiben: Kein Geheimnis wird dort aufbewahrt.", "Nehmen Sie zuerst dieses Recht weg, mit dem genannten Befehl chmod."),
    ]),
    ("AP-0301", [
        ("There is no such plugin.", "Choose one of the list under Settings > Plugins."),
        ("Cette extension n'existe pas.", "Choisissez-en une dans la liste sous Réglages > Extensions."),
        ("Deze plug-in bestaat niet.", "Kies er een uit de lijst bij Instellingen > Plug-ins."),
        ("Dieses Plugin gibt es nicht.", "Wählen Sie eines aus der Liste unter Einstellungen > Plugins."),
    ]),
    ("AP-0302", [
        ("This plugin came with AuraPOS and cannot be removed.", "Turn it off under Settings > Plugins instead."),
        ("Cette extension fait partie d'AuraPOS et ne peut pas être retirée.", "Désactivez-la plutôt sous Réglages > Extensions."),
        ("Deze plug-in hoort bij AuraPOS en kan niet verwijderd worden.", "Schakel hem liever uit bij Instellingen > Plug-ins."),
        ("Dieses Plugin gehört zu AuraPOS und kann nicht entfernt werden.", "Schalten Sie es stattdessen unter Einstellungen > Plugins aus."),
    ]),
    ("AP-0303", [
        ("No plugin is used under this name.", "Choose one of the names that are listed below."),
        ("Aucune extension n'est utilisée sous ce nom.", "Choisissez l'un des noms indiqués."),
        ("Er wordt geen plug-in onder deze naam gebruikt.", "Kies een van de vermelde namen."),
        ("Unter diesem Namen wird kein Plugin benutzt.", "Wählen Sie einen der genannten Namen."),
    ]),
    ("AP-0304", [
        ("Several plugins are used under this name.", "Give the name with its kind, as it is listed below."),
        ("Plusieurs extensions sont utilisées sous ce nom.", "Donnez le nom avec son genre, comme indiqué."),
        ("Meerdere plug-ins worden onder deze naam gebruikt.", "Geef de naam met zijn soort, zoals vermeld."),
        ("Mehrere Plugins werden unter diesem Namen benutzt.", "Geben Sie den Namen mit seiner Art an, wie genannt."),
    ]),
    ("AP-0305", [
        ("The plugin has no such secret.", "Settings that are no secrets stand in aurapos.toml."),
        ("L'extension n'a pas de tel secret.", "Les réglages qui ne sont pas secrets sont dans aurapos.toml."),
        ("De plug-in heeft geen zulk geheim.", "Instellingen die niet geheim zijn, staan in aurapos.toml."),
        ("Das Plugin hat kein solches Geheimnis.", "Einstellungen, die keine Geheimnisse sind, stehen in aurapos.toml."),
    ]),
    ("AP-0306", [
        ("What was given for the secret cannot be one.", "Give the secret as its provider wrote it."),
        ("Ce qui a été donné comme secret ne peut pas en être un.", "Donnez le secret tel que son fournisseur l'a écrit."),
        ("Wat als geheim gegeven werd, kan er geen zijn.", "Geef het geheim zoals de aanbieder het schreef."),
        ("Was als Geheimnis angegeben wurde, kann keines sein.", "Geben Sie das Geheimnis so ein, wie sein Anbieter es schrieb."),
    ]),
    ("AP-0401", [
        ("No backup is set up on this register.", "Enable a backup plugin under Settings > Plugins."),
        ("Aucune sauvegarde n'est configurée sur cette caisse.", "Activez une extension de sauvegarde sous Réglages > Extensions."),
        ("Op deze kassa is geen back-up ingesteld.", "Schakel een back-upplug-in in bij Instellingen > Plug-ins."),
        ("An dieser Kasse ist keine Sicherung eingerichtet.", "Schalten Sie unter Einstellungen > Plugins ein Sicherungs-Plugin ein."),
    ]),
    ("AP-0402", [
        ("The backup could not be made, read or restored.", "Check the disk and the backup folder, then try again. Sales are safe on this register."),
        ("La sauvegarde n'a pas pu être faite, lue ou restaurée.", "Vérifiez le disque et le dossier de sauvegarde, puis réessayez. Les ventes sont en sécurité."),
        ("De back-up kon niet gemaakt, gelezen of teruggezet worden.", "Controleer de schijf en de back-upmap en probeer opnieuw. De verkopen staan veilig."),
        ("Die Sicherung konnte nicht erstellt, gelesen oder wiederhergestellt werden.", "Prüfen Sie Datenträger und Sicherungsordner und versuchen Sie es erneut. Die Verkäufe sind sicher."),
    ]),
    ("AP-0502", [
        ("The file cannot be read or written.", "Check its name and rights, and the room on the disk."),
        ("Le fichier ne peut pas être lu ou écrit.", "Vérifiez son nom, ses droits et la place sur le disque."),
        ("Het bestand kan niet gelezen of geschreven worden.", "Controleer de naam, de rechten en de ruimte op de schijf."),
        ("Die Datei kann nicht gelesen oder geschrieben werden.", "Prüfen Sie ihren Namen, ihre Rechte und den Platz auf dem Datenträger."),
    ]),
    ("AP-0505", [
        ("A file of this name is there already, or the place is not allowed.", "Choose another name outside of the data folder."),
        ("Un fichier de ce nom existe déjà ou l'endroit n'est pas permis.", "Choisissez un autre nom hors du dossier de données."),
        ("Er is al een bestand met deze naam, of de plaats mag niet.", "Kies een andere naam buiten de gegevensmap."),
        ("Eine Datei dieses Namens gibt es schon, oder der Ort ist nicht erlaubt.", "Wählen Sie einen anderen Namen außerhalb des Datenordners."),
    ]),
];
