import java.io.File;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.Arrays;
import org.bouncycastle.asn1.*;
import org.bouncycastle.asn1.pkcs.*;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.crypto.engines.SEEDEngine;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.bouncycastle.crypto.params.*;
import org.bouncycastle.asn1.x509.*;

/** BouncyCastle reads a folder: key file of either form, R, the certificate's VID. */
public class Reader {
    public static void main(String[] words) throws Exception {
        byte[] password = words[1].getBytes("US-ASCII");
        byte[] file = Files.readAllBytes(new File(words[0], "signPri.key").toPath());
        EncryptedPrivateKeyInfo sealed = EncryptedPrivateKeyInfo.getInstance(file);
        PrivateKeyInfo key = PrivateKeyInfo.getInstance(opened(sealed, password));
        RSAPrivateKey rsa = RSAPrivateKey.getInstance(key.parsePrivateKey());
        Attribute attribute = Attribute.getInstance(key.getAttributes().getObjectAt(0));
        byte[] r = ((ASN1BitString) attribute.getAttrValues().getObjectAt(0)).getBytes();

        Certificate certificate = Certificate.getInstance(
            Files.readAllBytes(new File(words[0], "signCert.der").toPath()));
        RSAPublicKey open = RSAPublicKey.getInstance(
            certificate.getSubjectPublicKeyInfo().parsePublicKey());
        System.out.println("key " + open.getModulus().equals(rsa.getModulus()));
        System.out.println("r " + attribute.getAttrType() + " " + r.length);
        System.out.println("vid " + Arrays.equals(said(certificate), hashed(words[2], r)));
    }

    static byte[] opened(EncryptedPrivateKeyInfo sealed, byte[] password) throws Exception {
        AlgorithmIdentifier algorithm = sealed.getEncryptionAlgorithm();
        byte[] key;
        byte[] iv;
        if (algorithm.getAlgorithm().equals(PKCSObjectIdentifiers.id_PBES2)) {
            PBES2Parameters both = PBES2Parameters.getInstance(algorithm.getParameters());
            PBKDF2Params figures = PBKDF2Params.getInstance(
                both.getKeyDerivationFunc().getParameters());
            PKCS5S2ParametersGenerator made = new PKCS5S2ParametersGenerator();
            made.init(password, figures.getSalt(), figures.getIterationCount().intValue());
            key = ((KeyParameter) made.generateDerivedParameters(128)).getKey();
            iv = ASN1OctetString.getInstance(both.getEncryptionScheme().getParameters()).getOctets();
        } else {
            PBEParameter figures = PBEParameter.getInstance(algorithm.getParameters());
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(password);
            byte[] digest = sha1.digest(figures.getSalt());
            for (int n = 1; n < figures.getIterationCount().intValue(); n++) {
                digest = sha1.digest(digest);
            }
            key = Arrays.copyOf(digest, 16);
            iv = Arrays.copyOf(sha1.digest(Arrays.copyOfRange(digest, 16, 20)), 16);
        }
        PaddedBufferedBlockCipher seed =
            new PaddedBufferedBlockCipher(new CBCBlockCipher(new SEEDEngine()));
        seed.init(false, new ParametersWithIV(new KeyParameter(key), iv));
        byte[] in = sealed.getEncryptedData();
        byte[] out = new byte[seed.getOutputSize(in.length)];
        int size = seed.processBytes(in, 0, in.length, out, 0);
        return Arrays.copyOf(out, size + seed.doFinal(out, size));
    }

    static byte[] hashed(String number, byte[] r) throws Exception {
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(new DERPrintableString(number));
        parts.add(new DERBitString(r));
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        return sha256.digest(sha256.digest(new DERSequence(parts).getEncoded("DER")));
    }

    static byte[] said(Certificate certificate) {
        GeneralNames names = GeneralNames.fromExtensions(
            certificate.getTBSCertificate().getExtensions(), Extension.subjectAlternativeName);
        ASN1Sequence other = ASN1Sequence.getInstance(names.getNames()[0].getName());
        ASN1Sequence data = ASN1Sequence.getInstance(
            ASN1TaggedObject.getInstance(other.getObjectAt(1)), true);
        ASN1Sequence info = ASN1Sequence.getInstance(data.getObjectAt(1));
        ASN1Sequence value = ASN1Sequence.getInstance(
            ASN1Sequence.getInstance(info.getObjectAt(0)).getObjectAt(1));
        return ASN1OctetString.getInstance(
            ASN1TaggedObject.getInstance(value.getObjectAt(1)), true).getOctets();
    }
}
