import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;

/**
 * keytool cannot write a private key as PEM. Takes a key store with the entries ca, broker and client apart:
 * arguments are directory and password, input is all.p12, output NAME.p12, NAME.pem, NAME-cert.pem, NAME-key.pem, and for
 * the authority a trust store, ca.p12, and ca.pem.
 */
public class SplitKeyStore {
    public static void main(String[] args) throws Exception {
        Path dir = Path.of(args[0]);
        char[] password = args[1].toCharArray();
        KeyStore all = KeyStore.getInstance(dir.resolve("all.p12").toFile(), password);
        for (String alias : Collections.list(all.aliases())) {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, password);
            Certificate[] chain = all.getCertificateChain(alias);
            if (alias.equals("ca")) {
                own.setCertificateEntry("ca", chain[0]);
                Files.writeString(dir.resolve("ca.pem"), pem("CERTIFICATE", chain[0].getEncoded()));
            } else {
                Key key = all.getKey(alias, password);
                own.setKeyEntry(alias, key, password, chain);
                String keyPem = pem("PRIVATE KEY", key.getEncoded());
                StringBuilder certPem = new StringBuilder();
                for (Certificate certificate : chain) certPem.append(pem("CERTIFICATE", certificate.getEncoded()));
                Files.writeString(dir.resolve(alias + "-key.pem"), keyPem);
                Files.writeString(dir.resolve(alias + "-cert.pem"), certPem.toString());
                Files.writeString(dir.resolve(alias + ".pem"), keyPem + certPem);
            }
            try (OutputStream out = Files.newOutputStream(dir.resolve(alias + ".p12"))) {
                own.store(out, password);
            }
        }
    }

    private static String pem(String type, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + body + "\n-----END " + type + "-----\n";
    }
}
